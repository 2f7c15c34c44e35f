using LibMultipath.Block;
using Microsoft.Extensions.Logging;

namespace LibMultipath.Ublk.Runner;

/// <summary>What a runner says. The event ids are stable: 620 to 639 are this folder's.</summary>
internal static partial class RunnerLog
{
    [LoggerMessage(620, LogLevel.Error, "ublk{Device}: the thread of queue {Queue} has ended")]
    public static partial void ServerThreadFailed(this ILogger logger, Exception exception, int device, int queue);

    [LoggerMessage(621, LogLevel.Warning, "ublk{Device}: the server's threads are no I/O flushers ({Error}): short of memory, they could wait for their own disk; give the process CAP_SYS_RESOURCE")]
    public static partial void NoIoFlusher(this ILogger logger, int device, Errno error);

    [LoggerMessage(622, LogLevel.Warning, "ublk{Device}: the thread of queue {Queue} is not pinned to its processors ({Error})")]
    public static partial void NotPinned(this ILogger logger, int device, int queue, Errno error);

    [LoggerMessage(623, LogLevel.Warning, "ublk{Device}: the device did not stop in {Seconds} s: requests are still with the target, and are given up")]
    public static partial void Abandoned(this ILogger logger, int device, double seconds);

    [LoggerMessage(624, LogLevel.Warning, "ublk{Device}: left with requests that are still with the target: they fail, or the next server gets them, while the target may still be carrying them out")]
    public static partial void LeftWithRequests(this ILogger logger, int device);

    [LoggerMessage(625, LogLevel.Warning, "ublk{Device}: not quiesced: {Reason}")]
    public static partial void NotQuiesced(this ILogger logger, int device, string reason);
}
