namespace LibMultipath.Block;

public sealed partial class Bio
{
    private CancelTicket? _ticket;
    private bool _ticketArmed;
    private bool _cancelRequested;
    private bool _cancelled;
    private CancellationToken _cancellationToken;

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
        _ticketArmed = true;
        if (_ticket is null || _ticket.IsDisowned)
        {
            _ticket = new CancelTicket(this);
        }

        _ticket.Arm(token);
    }

    /// <summary>Ends the bio as cancelled: its status is <see cref="BlockStatus.Again"/>, its task cancelled.</summary>
    internal void FinishCancelled()
    {
        _cancelled = true;
        Finish(BlockStatus.Again);
    }

    /// <summary>
    /// Asks for the bio back, from wherever it is. The request is written first, and then the bio is searched; whoever
    /// puts it somewhere does so first, and then looks for a request (<see cref="WasAskedBack"/>): so one of the two
    /// finds the other. The bio cannot be used again before this returns.
    /// </summary>
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

    /// <summary>
    /// Whether the submitter has asked for the bio back, for who has just put it somewhere. It may be somebody else's
    /// by now, and the answer about another submission.
    /// </summary>
    internal bool WasAskedBack()
    {
        Interlocked.MemoryBarrier();
        return CancelRequested;
    }

    private bool TryDetachCancellation()
    {
        _ticketArmed = false;
        return _ticket!.TryDetach();
    }
}
