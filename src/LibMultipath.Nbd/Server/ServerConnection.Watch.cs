using LibMultipath.Nbd.Interop;

namespace LibMultipath.Nbd.Server;

// The times of the connection, looked at by the server's one timer: an I/O looks at no clock.
internal sealed partial class ServerConnection
{
    /// <summary>By how much a request or an answer has to move on within the limit, in bytes.</summary>
    private const long EnoughProgress = 64 * 1024;

    // Written by the reader, read by the timer.
    private volatile ReaderState _state;
    private long _progress;
    private long _requests;
    private bool _isLeaving;

    // The timer's.
    private StallWatch _receiving;
    private StallWatch _sending;
    private StallWatch _asking;
    private long _idleTicks;
    private long _requestsSeen;
    private TimeSpan _began;

    /// <summary>Whether it has no export yet.</summary>
    public bool IsInHandshake => Export is null;

    /// <summary>What its reader waits for.</summary>
    public ReaderState State => _state;

    /// <summary>Whether it is the client's turn, and takes nothing of its time: the next request may come when it likes.</summary>
    public bool WaitsForRequest => _state == ReaderState.Request && !_connection.Output.IsSending;

    /// <summary>Looks whether the client takes too long for something, or has gone while nobody reads.</summary>
    /// <param name="now">The server's time.</param>
    public void Watch(TimeSpan now)
    {
        if (Volatile.Read(ref _hasLeft))
        {
            return;
        }

        NbdServerOptions options = _server.Options;
        ReaderState state = _state;
        if (IsInHandshake)
        {
            if (IsOver(now - _began, options.HandshakeLimit))
            {
                Kill($"the handshake took longer than {options.HandshakeLimit.TotalSeconds} s");
            }

            ResetWatches(now);
            return;
        }

        long requests = Volatile.Read(ref _requests);
        if (!WaitsForRequest || Volatile.Read(ref _holds) != 1)
        {
            // It waits for the server, and that is not its idleness.
            _asking.Reset(requests, now);
        }

        Volatile.Write(ref _idleTicks, _asking.Standing(requests, 1, now).Ticks);
        Volatile.Write(ref _requestsSeen, requests);

        // Who holds much, and keeps others from theirs, has to be quicker.
        long enough = Math.Max(EnoughProgress, _server.Budget.HeldWhileOthersWait(_share) / 4);
        if (state != ReaderState.Rest)
        {
            _receiving.Reset(Volatile.Read(ref _progress), now);
        }
        else if (IsOver(_receiving.Standing(Volatile.Read(ref _progress), enough, now), options.StallLimit))
        {
            Kill($"the rest of a request has not come for {options.StallLimit.TotalSeconds} s");
        }

        if (!_connection.Output.IsSending)
        {
            _sending.Reset(_connection.Output.BytesSent, now);
        }
        else if (IsOver(_sending.Standing(_connection.Output.BytesSent, enough, now), options.StallLimit))
        {
            Kill($"the client has not taken its answers for {options.StallLimit.TotalSeconds} s");
        }

        if (_connection.Fault is not null || (state is ReaderState.Room or ReaderState.Answers && HasGone(state)))
        {
            Kill("the client has gone, with requests under way");
        }
    }

    /// <summary>For how long the client has had nothing to ask, and nothing under way; as the timer has seen it last.</summary>
    public TimeSpan IdleTime => Volatile.Read(ref _requests) == Volatile.Read(ref _requestsSeen) ? new(Volatile.Read(ref _idleTicks)) : TimeSpan.Zero;

    private static bool IsOver(TimeSpan time, TimeSpan limit) => limit != Timeout.InfiniteTimeSpan && time >= limit;

    private void BeginWatch()
    {
        // At the latest: the time goes on at the next tick.
        _began = _server.Lived + _server.Period;
        ResetWatches(_began);
    }

    // Who is first looked at in the middle of a request or an answer has not been at it for longer than it has an export.
    private void ResetWatches(TimeSpan now)
    {
        _receiving.Reset(Volatile.Read(ref _progress), now);
        _sending.Reset(_connection.Output.BytesSent, now);
        _asking.Reset(Volatile.Read(ref _requests), now);
    }

    // One that has said that it goes may have closed its half, and still wait for its answers.
    private unsafe bool HasGone(ReaderState state)
    {
        bool held = false;
        try
        {
            _connection.Socket.SafeHandle.DangerousAddRef(ref held);
            short events = state == ReaderState.Room ? pollfd.PeerDone : (short)0;
            var descriptor = new pollfd { fd = (int)_connection.Socket.SafeHandle.DangerousGetHandle(), events = events };
            return Libc.Poll(&descriptor, 1, 0) > 0 && (descriptor.revents & (pollfd.Gone | events)) != 0;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
        finally
        {
            if (held)
            {
                _connection.Socket.SafeHandle.DangerousRelease();
            }
        }
    }
}
