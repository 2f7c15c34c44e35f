using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Parameters;

namespace LibMultipath.Ublk.Control;

/// <summary>How a device is added.</summary>
public sealed partial record UblkDeviceOptions
{
    /// <summary>The N of /dev/ublkbN, below 2^20; -1: the first that is free.</summary>
    public int Id { get; init; } = -1;

    /// <summary>Queues, 1 to 4096; the kernel makes at most one a CPU.</summary>
    public int Queues { get; init; } = 1;

    /// <summary>Requests of a queue that are under way at a time, 1 to 4096.</summary>
    public int QueueDepth { get; init; } = 128;

    /// <summary>The largest request, in bytes: from a page to 32 MiB, whole pages.</summary>
    public int MaxIoBytes { get; init; } = 1 << 20;

    /// <summary>What the device is added with. The kernel adds what it always does.</summary>
    public UblkFeatures Features { get; init; }

    /// <summary>A number of the server's, kept with the device for the next server (<c>ublksrv_flags</c>).</summary>
    public ulong ServerData { get; init; }

    /// <summary>What kind of disk it is.</summary>
    public required UblkParameters Parameters { get; init; }
}
