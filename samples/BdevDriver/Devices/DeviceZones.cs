using System.Runtime.InteropServices;
using BdevDriver.Abi;
using LibMultipath.Block;
using LibMultipath.Zones;
using Microsoft.Win32.SafeHandles;

namespace BdevDriver.Devices;

/// <summary>The zones of a device, by the kernel's ioctls. All of it blocks.</summary>
/// <param name="Size">The size of a zone, in sectors; 0 for a device that has none.</param>
/// <param name="Capacity">Of the device, in sectors.</param>
internal readonly unsafe record struct DeviceZones(long Size, long Capacity)
{
    // The kernel allocates as much for its answer.
    private const int MostZones = 4096;

    /// <summary>Reads zones.</summary>
    /// <param name="path">Whose.</param>
    /// <param name="sector">A sector of the first one.</param>
    /// <param name="zones">Is filled from there on.</param>
    /// <returns>How many were filled in, or an errno below 0.</returns>
    public static int Report(BdevPath path, long sector, Span<Zone> zones)
    {
        int most = Math.Min(zones.Length, MostZones);
        var answer = (blk_zone_report*)NativeMemory.Alloc((nuint)(sizeof(blk_zone_report) + (most * sizeof(blk_zone))));
        try
        {
            int count = 0;
            while (count < zones.Length)
            {
                int room = Math.Min(zones.Length - count, most);
                *answer = new blk_zone_report { sector = (ulong)sector, nr_zones = (uint)room };
                int result = path.Control(Ioctls.BLKREPORTZONE, answer);
                if (result < 0)
                {
                    return result;
                }

                int read = (int)Math.Min(answer->nr_zones, (uint)room);
                Copy(answer, zones.Slice(count, read));
                count += read;
                if (read < room)
                {
                    break;
                }

                sector = zones[count - 1].Start + zones[count - 1].Length;
            }

            return count;
        }
        finally
        {
            NativeMemory.Free(answer);
        }
    }

    /// <summary>Opens, closes, finishes or resets a zone, or resets them all.</summary>
    public Errno Manage(DeviceSystem system, SafeFileHandle device, BioOp op, long sector)
    {
        bool isOne = op != BioOp.ZoneResetAll;
        var range = new blk_zone_range
        {
            sector = (ulong)sector,
            nr_sectors = (ulong)(isOne ? Math.Min(Size, Capacity - sector) : Capacity),
        };
        uint command = op switch
        {
            BioOp.ZoneOpen => Ioctls.BLKOPENZONE,
            BioOp.ZoneClose => Ioctls.BLKCLOSEZONE,
            BioOp.ZoneFinish => Ioctls.BLKFINISHZONE,
            _ => Ioctls.BLKRESETZONE,
        };
        return (Errno)Math.Max(0, -system.Control(device, command, &range));
    }

    private static void Copy(blk_zone_report* answer, Span<Zone> zones)
    {
        bool hasCapacity = (answer->flags & blk_zone_report.BLK_ZONE_REP_CAPACITY) != 0;
        var read = new ReadOnlySpan<blk_zone>(answer + 1, zones.Length);
        for (int i = 0; i < zones.Length; i++)
        {
            ref readonly blk_zone zone = ref read[i];
            zones[i] = new Zone(
                (long)zone.start, (long)zone.len, (long)(hasCapacity ? zone.capacity : zone.len), (long)zone.wp, (ZoneType)zone.type, (ZoneCondition)zone.cond)
            {
                IsNonSequential = zone.non_seq != 0,
                ResetRecommended = zone.reset != 0,
            };
        }
    }
}
