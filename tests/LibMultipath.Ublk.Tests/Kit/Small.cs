using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Parameters;

namespace LibMultipath.Ublk.Tests.Kit;

/// <summary>The devices of these tests: small, of 32 MiB.</summary>
internal static class Small
{
    public const long Sectors = 1 << 16;

    /// <summary>A moment that is long enough for the kernel, and not for a human.</summary>
    public static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(300);

    public static UblkDeviceOptions Options(UblkFeatures features = 0) => new()
    {
        QueueDepth = 8,
        MaxIoBytes = 65536,
        Features = features,
        Parameters = new UblkParameters { DevSectors = Sectors, MaxSectors = 128 },
    };
}
