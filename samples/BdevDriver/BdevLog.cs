using Microsoft.Extensions.Logging;

namespace BdevDriver;

/// <summary>What a path to a block device says. The event ids are stable: 270 to 279.</summary>
internal static partial class BdevLog
{
    [LoggerMessage(270, LogLevel.Warning, "{Path}: {Device} cannot be used, its state is {State}")]
    public static partial void DeviceDown(this ILogger logger, string path, string device, string state);

    [LoggerMessage(271, LogLevel.Information, "{Path}: {Device} can be used again, its state is {State}")]
    public static partial void DeviceUp(this ILogger logger, string path, string device, string state);

    [LoggerMessage(272, LogLevel.Warning, "{Path}: {Device} was removed")]
    public static partial void DeviceGone(this ILogger logger, string path, string device);

    [LoggerMessage(273, LogLevel.Warning, "{First} and {Second} have no id: nobody can tell whether they lead to the same data")]
    public static partial void NoId(this ILogger logger, string first, string second);

    [LoggerMessage(274, LogLevel.Error, "{Path}: what follows from the state of {Device} could not be done; tried again")]
    public static partial void WatchFaulted(this ILogger logger, Exception exception, string path, string device);
}
