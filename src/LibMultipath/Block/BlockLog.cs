using Microsoft.Extensions.Logging;

namespace LibMultipath.Block;

/// <summary>What a disk says. The event ids are stable: 200 to 299 are this folder's.</summary>
internal static partial class BlockLog
{
    [LoggerMessage(200, LogLevel.Error, "{Disk}: a driver ended an attempt that was over, with {Status}; ignored ({Suppressed} more not shown)")]
    public static partial void StaleCompletion(this ILogger logger, string disk, string status, int suppressed);

    [LoggerMessage(201, LogLevel.Error, "{Disk}: the driver threw from SubmitBio; the attempt counts as failed ({Suppressed} more not shown)")]
    public static partial void SubmitThrew(this ILogger logger, Exception exception, string disk, int suppressed);

    [LoggerMessage(202, LogLevel.Error, "{Disk}: a completion callback threw ({Suppressed} more not shown)")]
    public static partial void EndIoThrew(this ILogger logger, Exception exception, string disk, int suppressed);

    [LoggerMessage(203, LogLevel.Error, "{Disk}: the driver threw from Abort; the attempt goes on ({Suppressed} more not shown)")]
    public static partial void AbortThrew(this ILogger logger, Exception exception, string disk, int suppressed);
}
