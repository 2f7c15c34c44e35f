using System.Threading.Tasks.Sources;

namespace LibMultipath.Nbd.Server;

/// <summary>
/// Wakes the one that waits, on the thread pool. A signal that nobody waits for is kept for the next wait, so who waits
/// looks again whether it has what it waits for. Nothing is allocated.
/// </summary>
internal sealed class AsyncSignal : IValueTaskSource
{
    private const int Quiet = 0;
    private const int Awaited = 1;
    private const int Signalled = 2;

    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private int _state;

    /// <summary>Wakes who waits, or will. Any thread.</summary>
    public void Set()
    {
        if (Interlocked.CompareExchange(ref _state, Signalled, Quiet) == Awaited
            && Interlocked.CompareExchange(ref _state, Quiet, Awaited) == Awaited)
        {
            _core.SetResult(true);
        }
    }

    /// <summary>Waits for a signal. One at a time, awaited at once.</summary>
    public ValueTask WaitAsync()
    {
        _core.Reset();
        if (Interlocked.CompareExchange(ref _state, Awaited, Quiet) == Quiet)
        {
            return new ValueTask(this, _core.Version);
        }

        Interlocked.Exchange(ref _state, Quiet);
        return ValueTask.CompletedTask;
    }

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
