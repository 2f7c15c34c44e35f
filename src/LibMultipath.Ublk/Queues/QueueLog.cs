using LibMultipath.Block;
using Microsoft.Extensions.Logging;

namespace LibMultipath.Ublk.Queues;

/// <summary>What a queue says. The event ids are stable: 600 to 619 are this folder's.</summary>
internal static partial class QueueLog
{
    [LoggerMessage(600, LogLevel.Error, "ublk{Device} queue {Queue}: the target threw at tag {Tag}; the request fails with EIO ({Suppressed} more not shown)")]
    public static partial void HandlerThrew(this ILogger logger, Exception exception, int device, int queue, int tag, int suppressed);

    [LoggerMessage(601, LogLevel.Warning, "ublk{Device} queue {Queue}: the target completed a request that was over ({Suppressed} more not shown)")]
    public static partial void StaleCompletion(this ILogger logger, int device, int queue, int suppressed);

    [LoggerMessage(602, LogLevel.Error, "ublk{Device} queue {Queue}: the driver refuses to give requests: {Error}")]
    public static partial void FetchFailed(this ILogger logger, int device, int queue, Errno error);

    [LoggerMessage(603, LogLevel.Error, "ublk{Device} queue {Queue}: the driver refuses the result of tag {Tag}: {Error}")]
    public static partial void CommitRefused(this ILogger logger, int device, int queue, int tag, Errno error);

    [LoggerMessage(604, LogLevel.Error, "ublk{Device} queue {Queue}: a request lies in shared memory {Buffer}, which this process has not registered; it fails with EIO ({Suppressed} more not shown)")]
    public static partial void UnknownMemory(this ILogger logger, int device, int queue, int buffer, int suppressed);

    [LoggerMessage(605, LogLevel.Error, "ublk{Device} queue {Queue}: the target threw when it was told something ({Suppressed} more not shown)")]
    public static partial void TargetThrew(this ILogger logger, Exception exception, int device, int queue, int suppressed);
}
