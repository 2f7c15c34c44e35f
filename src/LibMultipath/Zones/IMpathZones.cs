using LibMultipath.Paths;

namespace LibMultipath.Zones;

/// <summary>For a template whose paths lead to zoned disks (the proposal's <c>report_zones</c>).</summary>
public interface IMpathZones
{
    /// <summary>Reads what the zones are. It may block; the path stays until it has returned.</summary>
    /// <param name="path">The path.</param>
    /// <param name="sector">A sector of the first zone.</param>
    /// <param name="zones">Is filled with the zones from there on, in order, without a gap.</param>
    /// <returns>How many were filled in; fewer than there is room for when the disk has no more; or an errno below 0.</returns>
    int ReportZones(MpathDevice path, long sector, Span<Zone> zones);
}
