using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace LibMultipath.Reclamation;

/// <summary>
/// The callbacks whose grace period is over: they run one after the other, in the order in which they
/// were queued, on a thread of the pool.
/// </summary>
internal sealed class SrcuCallbacks(ILogger logger)
{
    [ThreadStatic]
    private static SrcuCallbacks? s_running;

    private readonly Lock _gate = new();
    private readonly Queue<List<SrcuCallback>> _pending = new();
    private bool _running;

    /// <summary>Whether the calling thread is inside <see cref="Run"/> of this object.</summary>
    internal bool IsRunningHere => s_running == this;

    /// <summary>Adds the callbacks of a complete grace period. The caller sees to it that <see cref="Run"/> follows.</summary>
    internal void Add(List<SrcuCallback> callbacks)
    {
        if (callbacks.Count > 0)
        {
            lock (_gate)
            {
                _pending.Enqueue(callbacks);
            }
        }
    }

    /// <summary>Adds a callback behind those that are still to run or running; false when there are none.</summary>
    internal bool TryAddBehindPending(SrcuCallback callback)
    {
        lock (_gate)
        {
            if (_pending.Count == 0 && !_running)
            {
                return false;
            }
            _pending.Enqueue([callback]);
            return true;
        }
    }

    /// <summary>Runs what there is, unless another thread is doing so.</summary>
    internal void Run()
    {
        lock (_gate)
        {
            if (_running)
            {
                return;
            }
            _running = true;
        }
        s_running = this;
        while (TryTake(out List<SrcuCallback>? callbacks))
        {
            foreach (SrcuCallback callback in callbacks)
            {
                Invoke(callback);
            }
        }
        s_running = null;
    }

    private bool TryTake([NotNullWhen(true)] out List<SrcuCallback>? callbacks)
    {
        lock (_gate)
        {
            _running = _pending.TryDequeue(out callbacks);
            return _running;
        }
    }

    private void Invoke(SrcuCallback callback)
    {
        try
        {
            callback.Invoke();
        }
        catch (Exception exception)
        {
            logger.CallbackFailed(exception);
        }
    }
}
