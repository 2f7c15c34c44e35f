using Microsoft.Extensions.Logging;

namespace LibMultipath.Ublk.Host;

/// <summary>What a host says. The event ids are stable: 640 to 659 are this folder's.</summary>
internal static partial class HostLog
{
    [LoggerMessage(640, LogLevel.Warning, "ublk{Device}: {Warning}")]
    public static partial void DeviceWarning(this ILogger logger, int device, string warning);

    [LoggerMessage(641, LogLevel.Information, "ublk{Device}: now has {Sectors} sectors")]
    public static partial void Resized(this ILogger logger, int device, long sectors);

    [LoggerMessage(642, LogLevel.Error, "ublk{Device}: the change of size was not passed on")]
    public static partial void ResizeFailed(this ILogger logger, Exception exception, int device);
}
