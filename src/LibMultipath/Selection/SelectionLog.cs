using Microsoft.Extensions.Logging;

namespace LibMultipath.Selection;

/// <summary>What selectors are said about. The event ids are stable: 800 to 899 are this folder's.</summary>
internal static partial class SelectionLog
{
    [LoggerMessage(800, LogLevel.Warning, "{Head}: the selector {Selector} is detached after {Faults} faults one after the other, the last: {Fault}")]
    public static partial void SelectorDetached(this ILogger logger, Exception? exception, string head, string selector, int faults, SelectorFault fault);
}
