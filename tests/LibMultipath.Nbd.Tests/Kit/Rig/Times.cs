using LibMultipath.Paths;

namespace LibMultipath.Nbd.Tests.Kit.Rig;

/// <summary>Failure times of paths that tests do not want to wait for.</summary>
internal static class Times
{
    /// <summary>Tries again soon, for ever.</summary>
    public static FailureTimes Quick { get; } = new()
    {
        ReconnectDelay = TimeSpan.FromMilliseconds(20),
        FastIoFail = Timeout.InfiniteTimeSpan,
        Loss = Timeout.InfiniteTimeSpan,
    };
}
