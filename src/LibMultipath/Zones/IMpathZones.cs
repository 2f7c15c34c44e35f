using LibMultipath.Paths;

namespace LibMultipath.Zones;

/// <summary>
/// For a template whose paths lead to zoned disks (the proposal's <c>report_zones</c>). It must have it: before a zone is
/// written for the first time, and after a path has failed with a write, the head disk looks where the zone is written next.
/// </summary>
public interface IMpathZones
{
    /// <summary>
    /// Reads what the zones are. It may block, for as long as an I/O of the path may take; the path is not gone before it
    /// has returned.
    /// </summary>
    /// <remarks>
    /// Called on a thread of the library that nothing else needs, or on that of a caller of <c>MpathDisk.ReportZones</c>:
    /// never on one that ends attempts, and in no read section of the head. What it throws counts as EIO.
    /// </remarks>
    /// <param name="path">The path.</param>
    /// <param name="sector">A sector of the first zone, in units of 512 bytes.</param>
    /// <param name="zones">Is filled with the zones from there on, in order, without a gap.</param>
    /// <returns>How many were filled in; fewer than there is room for when the disk has no more; or an errno below 0.</returns>
    int ReportZones(MpathDevice path, long sector, Span<Zone> zones);
}
