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

    [LoggerMessage(306, LogLevel.Warning, "{Controller}: connection lost: {Why} ({Suppressed} more not shown)")]
    public static partial void ConnectionLost(this ILogger logger, string controller, string why, int suppressed);

    [LoggerMessage(307, LogLevel.Information, "{Controller}: attempt {Attempt} to connect failed: {Error}; the next one in {Seconds} s ({Suppressed} more not shown)")]
    public static partial void ConnectFailed(this ILogger logger, string controller, int attempt, string error, double seconds, int suppressed);

    [LoggerMessage(308, LogLevel.Information, "{Controller}: connected, at attempt {Attempt} ({Suppressed} more not shown)")]
    public static partial void Connected(this ILogger logger, string controller, int attempt, int suppressed);

    [LoggerMessage(309, LogLevel.Warning, "{Controller}: not connected for {Seconds} s, its I/O does not wait any more ({Suppressed} more not shown)")]
    public static partial void ControllerFastFail(this ILogger logger, string controller, double seconds, int suppressed);

    [LoggerMessage(310, LogLevel.Error, "{Controller}: not connected for {Seconds} s, given up after {Attempts} attempts; the last error was: {Error}")]
    public static partial void ControllerLost(this ILogger logger, string controller, double seconds, int attempts, string? error);

    [LoggerMessage(311, LogLevel.Error, "{Controller}: the driver threw where nothing may be thrown: {What}")]
    public static partial void RecoveryFaulted(this ILogger logger, Exception exception, string controller, string what);

    [LoggerMessage(312, LogLevel.Warning, "{Head}: no path usable for {Seconds} s, I/O fails until one is ({Suppressed} more not shown)")]
    public static partial void FastFailBegun(this ILogger logger, string head, double seconds, int suppressed);

    [LoggerMessage(313, LogLevel.Information, "{Head}: I/O that finds no usable path waits again ({Suppressed} more not shown)")]
    public static partial void FastFailEnded(this ILogger logger, string head, int suppressed);
}
