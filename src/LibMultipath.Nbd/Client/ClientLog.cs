using Microsoft.Extensions.Logging;

namespace LibMultipath.Nbd.Client;

/// <summary>What a path says. The event ids are stable: 930 to 959 are this folder's.</summary>
internal static partial class ClientLog
{
    [LoggerMessage(930, LogLevel.Information, "{Path}: connected to {Address}, {Bytes} bytes{MultiConn}")]
    public static partial void Connected(this ILogger logger, string path, NbdAddress address, ulong bytes, string multiConn);

    [LoggerMessage(931, LogLevel.Warning, "{Path}: the connection to {Address} was lost: {Reason}; {Writes} writes wait until the server is known to be gone ({Suppressed} such messages were suppressed)")]
    public static partial void Lost(this ILogger logger, string path, NbdAddress address, string reason, int writes, int suppressed);

    [LoggerMessage(932, LogLevel.Warning, "{Path}: {Address} was not reached within the loss time, and is given up; add the path again when the server is back")]
    public static partial void GivenUp(this ILogger logger, string path, NbdAddress address);

    [LoggerMessage(933, LogLevel.Information, "{Head}: a server does not say that several connections see each other's writes, so {Path} is used alone")]
    public static partial void UsedAlone(this ILogger logger, string head, string path);

    [LoggerMessage(935, LogLevel.Error, "{Path}: the end of a connection has thrown")]
    public static partial void SessionFaulted(this ILogger logger, Exception exception, string path);

    [LoggerMessage(934, LogLevel.Error, "{Path}: {Address} answers, and cannot be used: {Reason} ({Suppressed} such messages were suppressed)")]
    public static partial void NotUsable(this ILogger logger, string path, NbdAddress address, string reason, int suppressed);
}
