using Microsoft.Extensions.Logging;

namespace LibMultipath.Passthrough;

/// <summary>What is said of commands that are passed on. The event ids are stable: 600 to 699 are this folder's.</summary>
internal static partial class PassthroughLog
{
    [LoggerMessage(600, LogLevel.Error, "{Disk}: the driver of {Path} threw in a command that was passed on")]
    public static partial void DriverThrew(this ILogger logger, Exception exception, string disk, string path);
}
