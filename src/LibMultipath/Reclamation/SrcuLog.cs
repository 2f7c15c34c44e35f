using Microsoft.Extensions.Logging;

namespace LibMultipath.Reclamation;

/// <summary>What a domain logs. The event ids from 100 to 199 are this folder's and stay as they are.</summary>
internal static partial class SrcuLog
{
    [LoggerMessage(100, LogLevel.Error, "A callback that ran after a grace period threw; the callbacks after it run all the same.")]
    internal static partial void CallbackFailed(this ILogger logger, Exception exception);
#if DEBUG

    [LoggerMessage(101, LogLevel.Error, "A read section that began on thread {Thread} was dropped without having been ended: no grace period can complete any more.")]
    internal static partial void SectionNeverEnded(this ILogger logger, int thread);

    [LoggerMessage(102, LogLevel.Warning, "Synchronize waits on thread {Thread} while {Count} sections of the domain that began on this thread are open: if no other thread ends them, it waits for ever.")]
    internal static partial void SynchronizeWithOpenSections(this ILogger logger, int thread, int count);
#endif
}
