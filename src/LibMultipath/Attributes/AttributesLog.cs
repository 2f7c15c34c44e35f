using Microsoft.Extensions.Logging;

namespace LibMultipath.Attributes;

/// <summary>What the attributes say. The event ids are stable: 700 to 799 are this folder's.</summary>
internal static partial class AttributesLog
{
    [LoggerMessage(700, LogLevel.Error, "{Head}: no link to the path {Path} can be made, because {Reason}; tried again at the next change")]
    public static partial void NoLink(this ILogger logger, string head, string path, string reason);

    [LoggerMessage(701, LogLevel.Error, "{Head}: the driver threw when it was asked for attributes of {About} ({Suppressed} more not shown)")]
    public static partial void DriverThrew(this ILogger logger, Exception exception, string head, string about, int suppressed);

    [LoggerMessage(702, LogLevel.Error, "{Head}: a listener threw when it was told that {Attribute} has changed")]
    public static partial void ListenerThrew(this ILogger logger, Exception exception, string head, string attribute);
}
