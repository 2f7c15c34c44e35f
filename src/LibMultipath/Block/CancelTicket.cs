namespace LibMultipath.Block;

/// <summary>
/// A bio's place with a cancellation token. The bio may end, and be used again, while the callback of the token is
/// about to run or runs. A callback that has not begun is disowned: it finds that out, and touches nothing. One that
/// runs is waited for: whoever of the two comes last signals the end, so it never meets the bio's next life.
/// </summary>
internal sealed class CancelTicket(Bio bio)
{
    private const int Idle = 0;
    private const int Armed = 1;
    private const int Running = 2;
    private const int EndedMeanwhile = 3;
    private const int Disowned = 4;

    private static readonly Action<object?> s_onCancelled = static ticket => ((CancelTicket)ticket!).OnCancelled();

    private int _state;
    private CancellationTokenRegistration _registration;

    /// <summary>Whether the callback of an earlier submission may still come: the ticket is of no use any more.</summary>
    public bool IsDisowned => Volatile.Read(ref _state) == Disowned;

    /// <summary>Lets the token ask for the bio, which no disk has yet. It does so before this returns if it is cancelled.</summary>
    public void Arm(CancellationToken token)
    {
        _state = Armed;
        _registration = token.UnsafeRegister(s_onCancelled, this);
    }

    /// <summary>The bio has ended. False if the callback runs, and signals that when it is through.</summary>
    public bool TryDetach()
    {
        if (_registration.Unregister())
        {
            Clear();
            return true;
        }

        while (true)
        {
            switch (Volatile.Read(ref _state))
            {
                case Running:
                    if (Interlocked.CompareExchange(ref _state, EndedMeanwhile, Running) == Running)
                    {
                        return false;
                    }

                    break;
                case Armed:
                    // It will run any moment, or never: a source that was disposed or reset drops its callbacks.
                    if (Interlocked.CompareExchange(ref _state, Disowned, Armed) == Armed)
                    {
                        return true;
                    }

                    break;
                default:
                    Clear();
                    return true;
            }
        }
    }

    private void OnCancelled()
    {
        if (Interlocked.CompareExchange(ref _state, Running, Armed) != Armed)
        {
            return;
        }

        try
        {
            bio.RequestCancel();
        }
        finally
        {
            // Although a logger has thrown: who waits for the bio would wait for ever.
            if (Interlocked.CompareExchange(ref _state, Idle, Running) != Running)
            {
                Clear();
                bio.SignalEnd();
            }
        }
    }

    private void Clear()
    {
        _registration = default;
        _state = Idle;
    }
}
