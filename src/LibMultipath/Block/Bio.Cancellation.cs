namespace LibMultipath.Block;

public sealed partial class Bio
{
    // The life of a cancellation. The bio may end, and be used again, while the callback of its token is about to
    // run or runs; whoever of the two comes last signals the end, so a late callback never meets the bio's next life.
    private const int NotCancellable = 0;
    private const int Armed = 1;
    private const int CallbackRuns = 2;
    private const int EndedFirst = 3;
    private const int CallbackDone = 4;

    private static readonly Action<object?> s_onCancelled = static state => ((Bio)state!).OnCancelled();

    private int _cancellation;
    private bool _cancelRequested;
    private bool _cancelled;
    private CancellationToken _cancellationToken;
    private CancellationTokenRegistration _registration;

    /// <summary>Whether the submitter can ask for the bio back, itself or through the bio that it is a part of.</summary>
    internal bool IsCancellable { get; private set; }

    /// <summary>Whether the submitter has asked for the bio back.</summary>
    internal bool CancelRequested => Volatile.Read(ref _cancelRequested);

    /// <summary>The list that the bio waits on, if it waits. Written under the list's lock.</summary>
    internal BioWaitList? WaitingOn;

    /// <summary>Lets a token ask for this submission back. The bio must not be with a disk yet.</summary>
    internal void ArmCancellation(CancellationToken token)
    {
        IsCancellable = true;
        _cancellationToken = token;
        _cancellation = Armed;
        _registration = token.UnsafeRegister(s_onCancelled, this);
    }

    /// <summary>Ends the bio as cancelled: its status is <see cref="BlockStatus.Again"/>, its task cancelled.</summary>
    internal void FinishCancelled()
    {
        _cancelled = true;
        Finish(BlockStatus.Again);
    }

    /// <summary>Asks for the bio back, from wherever it is.</summary>
    internal void RequestCancel()
    {
        Volatile.Write(ref _cancelRequested, true);
        Interlocked.MemoryBarrier();
        if (_compound is { IsActive: true } compound)
        {
            compound.Cancel();
        }
        else if (Volatile.Read(ref WaitingOn) is { } list && list.TryRemove(this))
        {
            Owner!.EndCancelled(this);
        }
        else
        {
            Owner!.AbortAttempt(this);
        }
    }

    private void OnCancelled()
    {
        if (Interlocked.CompareExchange(ref _cancellation, CallbackRuns, Armed) == Armed)
        {
            RequestCancel();
            if (Interlocked.CompareExchange(ref _cancellation, CallbackDone, CallbackRuns) == CallbackRuns)
            {
                return;
            }
        }

        // The bio ended before or while the callback ran, and left the signal to it.
        ClearCancellation();
        Signal();
    }

    private bool TryDetachCancellation()
    {
        if (!_registration.Unregister())
        {
            // The callback has begun, or will: unless the source was disposed, which drops its callbacks.
            while (true)
            {
                int seen = Volatile.Read(ref _cancellation);
                if (seen == CallbackDone || (seen == Armed && !_cancellationToken.IsCancellationRequested))
                {
                    break;
                }

                if (Interlocked.CompareExchange(ref _cancellation, EndedFirst, seen) == seen)
                {
                    return false;
                }
            }
        }

        ClearCancellation();
        return true;
    }

    private void ClearCancellation()
    {
        _registration = default;
        _cancellation = NotCancellable;
    }
}
