namespace LibMultipath.Block;

public abstract partial class BlockDevice
{
    private static long s_staleCompletions;

    private readonly LogRateLimit _staleLimit = new();
    private readonly LogRateLimit _faultLimit = new();

    /// <summary>A driver has ended an attempt that was over.</summary>
    internal static void ReportStale(Bio? bio, BlockStatus status)
    {
        Interlocked.Increment(ref s_staleCompletions);

        // The bio may be anybody's by now: only what does no harm when it is wrong is read from it.
        if (bio?.Device is { } device && device._staleLimit.TryTake(out int suppressed))
        {
            device.Logger.StaleCompletion(device.Name, status.ToKernelName(), suppressed);
        }
    }

    internal void ReportEndIoFault(Exception exception)
    {
        if (_faultLimit.TryTake(out int suppressed))
        {
            Logger.EndIoThrew(exception, Name, suppressed);
        }
    }

    internal void ReportAbortFault(Exception exception)
    {
        if (_faultLimit.TryTake(out int suppressed))
        {
            Logger.AbortThrew(exception, Name, suppressed);
        }
    }

    internal void ReportSubmitFault(Exception exception)
    {
        if (_faultLimit.TryTake(out int suppressed))
        {
            Logger.SubmitThrew(exception, Name, suppressed);
        }
    }
}
