using System.Collections.Concurrent;

namespace Mpathd.Serving;

/// <summary>
/// Makes changes one after the other, on a thread of its own: they block, for grace periods and for I/O, and the pool's
/// threads may all be waiting for the very disk.
/// </summary>
internal sealed class ChangeQueue : IDisposable
{
    private const int MostWaiting = 64;

    private readonly BlockingCollection<Action> _changes = new(MostWaiting);

    public ChangeQueue() => new Thread(Work) { IsBackground = true, Name = "changes" }.Start();

    /// <summary>Has a change made.</summary>
    /// <typeparam name="T">What comes of it.</typeparam>
    /// <param name="change">What is done; what it throws goes to the task.</param>
    /// <exception cref="MpathdException">Too many wait, or no changes are made any more.</exception>
    public Task<T> Make<T>(Func<T> change)
    {
        var made = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!TryAdd(() => Make(change, made)))
        {
            throw MpathdException.Failed($"{MostWaiting} changes wait for one that does not end", "look with mpathd status");
        }

        return made.Task;
    }

    /// <summary>Those that wait are made, and no more.</summary>
    public void Dispose() => _changes.CompleteAdding();

    private static void Make<T>(Func<T> change, TaskCompletionSource<T> made)
    {
        try
        {
            made.SetResult(change());
        }
        catch (Exception exception)
        {
            made.SetException(exception);
        }
    }

    private bool TryAdd(Action change)
    {
        try
        {
            return _changes.TryAdd(change);
        }
        catch (InvalidOperationException exception)
        {
            throw MpathdException.Failed("the daemon is ending", "start it anew", exception);
        }
    }

    private void Work()
    {
        foreach (Action change in _changes.GetConsumingEnumerable())
        {
            change();
        }

        _changes.Dispose();
    }
}
