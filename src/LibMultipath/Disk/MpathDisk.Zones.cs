using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Zones;

namespace LibMultipath.Disk;

public sealed partial class MpathDisk
{
    /// <summary>Whether the disk is written zone by zone.</summary>
    public bool IsZoned => Shape.IsZoned;

    /// <summary>
    /// Reads what the zones are (<c>report_zones</c>), through the path that selection gives, or another one if that fails.
    /// Blocks.
    /// </summary>
    /// <param name="sector">A sector of the first zone, in units of 512 bytes.</param>
    /// <param name="zones">Is filled with the zones from there on.</param>
    /// <returns>
    /// How many were filled in, 0 at the end of the disk; or an errno below 0: EOPNOTSUPP when the disk has no zones or its
    /// driver reports none, ENXIO when it is not live, EWOULDBLOCK (EAGAIN) without a path, EIO when the report is not one.
    /// </returns>
    public int ReportZones(long sector, Span<Zone> zones)
    {
        DiskShape shape = Shape;
        if (Head.Template is not IMpathZones || !shape.IsZoned)
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

        int answer = -(int)Errno.EAGAIN;
        List<MpathDevice>? failed = null;
        while (true)
        {
            HeldPath held;
            using (PathSelection selection = Head.SelectPath())
            {
                MpathDevice? path = selection.Path;
                if (path is not null && failed?.Contains(path) == true)
                {
                    path = Array.Find(Head.PathList, other => other.IsUsable && !failed.Contains(other));
                }

                if (path is null)
                {
                    return answer;
                }

                held = new HeldPath(path);
            }

            answer = ReportZones(held, sector, zones);
            if (answer >= 0)
            {
                return answer;
            }

            ReportFailed(held.Path, sector, answer);
            (failed ??= []).Add(held.Path);
        }
    }

    /// <summary>Reads what the zones are through a path that is held, and lets it go.</summary>
    private int ReportZones(HeldPath held, long sector, Span<Zone> zones)
    {
        try
        {
            int count = ((IMpathZones)Head.Template).ReportZones(held.Path, sector, zones);
            return count <= 0 || (count <= zones.Length && AreZones(Shape, sector, zones[..count])) ? count : -(int)Errno.EIO;
        }
        catch (Exception exception)
        {
            ReportTemplateFault(exception, held.Path.Name);
            return -(int)(exception is BlockException { Errno: var errno } ? errno : Errno.EIO);
        }
        finally
        {
            held.LetGo();
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
            if (zone.Start != start || zone.Length != length || zone.Capacity <= 0 || zone.Capacity > length
                || (zone.Type == ZoneType.SequentialWriteRequired && !IsSequential(zone, shape.Limits.LogicalBlockSize / QueueLimits.SectorSize)))
            {
                return false;
            }

            start += zoneSectors;
        }

        return true;
    }

    private static bool IsSequential(in Zone zone, int block) => zone.Condition switch
    {
        >= ZoneCondition.Empty and <= ZoneCondition.Closed =>
            zone.WritePointer - zone.Start is var written && written >= 0 && written <= zone.Capacity && written % block == 0,
        ZoneCondition.Full or ZoneCondition.ReadOnly or ZoneCondition.Offline => true,
        _ => false,
    };
}
