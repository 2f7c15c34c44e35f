using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Parameters;
using LibMultipath.Ublk.Queues;
using UblkNull.Zones;

namespace UblkNull;

/// <summary>What kind of disk is asked for.</summary>
internal sealed record NullDisk
{
    private const long Megabyte = 1 << 20;

    public int Id { get; init; } = -1;

    /// <summary>In MiB.</summary>
    public int Size { get; init; } = 1024;

    public int Queues { get; init; } = 1;

    public int Depth { get; init; } = 128;

    public bool Unprivileged { get; init; }

    /// <summary>The zones; null for a disk without.</summary>
    public ZoneLimits? Zones { get; init; }

    public UblkDeviceOptions ToDevice() => new()
    {
        Id = Id,
        Queues = Queues,
        QueueDepth = Depth,
        Features = (Unprivileged ? UblkFeatures.UnprivilegedDevice : 0) | (Zones is null ? 0 : UblkFeatures.Zoned | UblkFeatures.UserCopy),
        Parameters = Zones?.Apply(Parameters) ?? Parameters,
    };

    public UblkTarget ToTarget() => Zones is null ? new NullTarget() : new ZonedNullTarget(new ZoneTable(Size * Megabyte / 512, Zones));

    private UblkParameters Parameters => new()
    {
        DevSectors = Size * Megabyte / 512,
        Discard = Zones is not null ? null : new UblkDiscard { MaxSectors = 1 << 16, MaxWriteZeroesSectors = 1 << 16 },
    };
}
