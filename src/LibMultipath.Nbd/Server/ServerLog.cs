using System.Net;
using Microsoft.Extensions.Logging;

namespace LibMultipath.Nbd.Server;

/// <summary>What a server says. The event ids are stable: 900 to 929 are this folder's.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(900, LogLevel.Information, "NBD: listening at {EndPoint}")]
    public static partial void Listening(this ILogger logger, EndPoint endPoint);

    [LoggerMessage(901, LogLevel.Information, "NBD: {Peer} uses export '{Export}' of {Bytes} bytes ({Suppressed} like this not shown)")]
    public static partial void Using(this ILogger logger, string peer, string export, long bytes, int suppressed);

    [LoggerMessage(902, LogLevel.Debug, "NBD: {Peer} has gone")]
    public static partial void Gone(this ILogger logger, string peer);

    [LoggerMessage(903, LogLevel.Warning, "NBD: the connection of {Peer} was ended: {Reason} ({Suppressed} like this not shown)")]
    public static partial void Ended(this ILogger logger, string peer, string reason, int suppressed);

    [LoggerMessage(904, LogLevel.Warning, "NBD: a request of {Peer} was refused, as {Reason}: command {Command}, flags {Flags}, offset {Offset}, length {Length} ({Suppressed} like this not shown)")]
    public static partial void RequestRefused(this ILogger logger, string peer, string reason, ushort command, ushort flags, ulong offset, uint length, int suppressed);

    [LoggerMessage(905, LogLevel.Warning, "NBD: option {Option} of {Peer} was refused: {Reason} ({Suppressed} like this not shown)")]
    public static partial void OptionRefused(this ILogger logger, string peer, uint option, string reason, int suppressed);

    [LoggerMessage(906, LogLevel.Warning, "NBD: no connection could be accepted at {EndPoint}; trying again in {Milliseconds} ms ({Suppressed} such messages were suppressed)")]
    public static partial void AcceptFailed(this ILogger logger, Exception exception, EndPoint endPoint, int milliseconds, int suppressed);

    [LoggerMessage(907, LogLevel.Warning, "NBD: {Connections} connections at {EndPoint} had requests under way when the time to stop was over")]
    public static partial void NotStopped(this ILogger logger, int connections, EndPoint endPoint);

    [LoggerMessage(908, LogLevel.Error, "NBD: the connection of {Peer} was ended by a fault of the server ({Suppressed} like this not shown)")]
    public static partial void Faulted(this ILogger logger, Exception exception, string peer, int suppressed);

    [LoggerMessage(909, LogLevel.Information, "NBD: no longer listening at {EndPoint}")]
    public static partial void Stopped(this ILogger logger, EndPoint endPoint);

    [LoggerMessage(910, LogLevel.Error, "NBD: whether {Peer} takes too long could not be looked at; it will be again ({Suppressed} such messages were suppressed)")]
    public static partial void WatchFailed(this ILogger logger, Exception exception, string peer, int suppressed);
}
