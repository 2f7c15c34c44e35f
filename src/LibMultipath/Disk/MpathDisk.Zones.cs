using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Zones;

namespace LibMultipath.Disk;

public sealed partial class MpathDisk
{
    /// <summary>Whether the disk is written zone by zone.</summary>
    public bool IsZoned => Shape.IsZoned;

    /// <summary>Reads what the zones are (<c>report_zones</c>), through the path that selection gives. Blocks.</summary>
    /// <param name="sector">A sector of the first zone, in units of 512 bytes.</param>
    /// <param name="zones">Is filled with the zones from there on.</param>
    /// <returns>
    /// How many were filled in, 0 at the end of the disk; or an errno below 0: EOPNOTSUPP when the disk has no zones or its
    /// driver reports none, ENXIO when it is not live, EWOULDBLOCK (EAGAIN) without a path, EIO when the report is not one.
    /// </returns>
    public int ReportZones(long sector, Span<Zone> zones)
    {
        DiskShape shape = Shape;
        if (Head.Template is not IMpathZones driver || !shape.IsZoned)
        {
            return -(int)Errno.EOPNOTSUPP;
        }

        if (!IsLive)
        {
            return -(int)Errno.ENXIO;
        }

        ArgumentOutOfRangeException.ThrowIfNegative(sector);
        if (sector >= shape.CapacitySectors || zones.IsEmpty)
        {
            return 0;
        }

        if (!HeldPath.TryTake(Head, out HeldPath held))
        {
            return -(int)Errno.EAGAIN;
        }

        try
        {
            return ReportZones(driver, held.Path, shape, sector, zones);
        }
        finally
        {
            held.LetGo();
        }
    }

    private int ReportZones(IMpathZones driver, MpathDevice path, DiskShape shape, long sector, Span<Zone> zones)
    {
        try
        {
            int count = driver.ReportZones(path, sector, zones);
            return count <= 0 || AreZones(shape, sector, zones[..Math.Min(count, zones.Length)]) ? Math.Min(count, zones.Length) : -(int)Errno.EIO;
        }
        catch (Exception exception)
        {
            ReportTemplateFault(exception, path.Name);
            return -(int)(exception is BlockException { Errno: var errno } ? errno : Errno.EIO);
        }
    }

    // Whatever relies on the report relies on this.
    private static bool AreZones(DiskShape shape, long sector, ReadOnlySpan<Zone> zones)
    {
        long zoneSectors = shape.Limits.ChunkSectors;
        long start = sector - (sector % zoneSectors);
        foreach (ref readonly Zone zone in zones)
        {
            long length = Math.Min(zoneSectors, shape.CapacitySectors - start);
            if (zone.Start != start || zone.Length != length || zone.Capacity <= 0 || zone.Capacity > length)
            {
                return false;
            }

            start += zoneSectors;
        }

        return true;
    }
}
