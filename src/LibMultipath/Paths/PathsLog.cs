using Microsoft.Extensions.Logging;

namespace LibMultipath.Paths;

/// <summary>What a head says. The event ids are stable: 300 to 399 are this folder's.</summary>
internal static partial class PathsLog
{
    [LoggerMessage(300, LogLevel.Information, "{Owner}: iopolicy changed from {Old} to {New}")]
    public static partial void PolicyChanged(this ILogger logger, string owner, string old, string @new);

    [LoggerMessage(301, LogLevel.Information, "{Head}: last path gone, removed in {Seconds} s unless one comes back")]
    public static partial void RemovalScheduled(this ILogger logger, string head, uint seconds);

    [LoggerMessage(302, LogLevel.Information, "{Head}: a path came back, the removal is cancelled")]
    public static partial void RemovalCancelled(this ILogger logger, string head);

    [LoggerMessage(303, LogLevel.Information, "{Head}: no path left, removing")]
    public static partial void Removing(this ILogger logger, string head);

    [LoggerMessage(304, LogLevel.Error, "{Head}: removing failed")]
    public static partial void RemovalFailed(this ILogger logger, Exception exception, string head);

    [LoggerMessage(305, LogLevel.Error, "{Head}: the driver of {Path} threw while the path was removed; the removal goes on")]
    public static partial void RemovePathFaulted(this ILogger logger, Exception exception, string head, string path);
}
