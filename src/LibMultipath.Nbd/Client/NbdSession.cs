using System.Net;
using System.Runtime.CompilerServices;
using LibMultipath.Block;
using LibMultipath.Nbd.Connections;
using LibMultipath.Nbd.Protocol;

namespace LibMultipath.Nbd.Client;

/// <summary>
/// A path's connection from the end of its handshake to its end: requests under way, each in a slot, and a thread of its own
/// that takes the answers. Requests go out on the thread that submits them.
/// </summary>
/// <remarks>
/// <para><b>The end.</b> However it comes, the thread sees it, waits until nobody sends any more, and gives back what was
/// not answered: no late answer can touch memory then. What the server may still carry out is told apart.</para>
/// <para><b>Cost.</b> A short lock for a request and one for its end; no allocation but for the most requests there ever
/// were at a time.</para>
/// </remarks>
internal sealed class NbdSession
{
    /// <summary>The most requests under way; more wait their turn here.</summary>
    public const int MaxRequests = 1024;

    /// <summary>How many ticks a request may take.</summary>
    public const int TicksPerTimeout = 8;

    private readonly Lock _lock = new();
    private readonly NbdConnection _connection;
    private readonly IDisposable _sending;
    private readonly Queue<BioAttempt> _backlog = new();
    private readonly ReplyReader _replies;
    private NbdSlot[] _slots = [];
    private NbdSlot? _free;
    private int _busy;
    private long _tick;
    private bool _closing;
    private bool _ended;

    /// <summary>Makes the session; nothing runs before <see cref="Start"/>.</summary>
    /// <param name="connection">Its handshake is over.</param>
    /// <param name="info">What the server said of the export.</param>
    /// <param name="endPoint">Where it leads.</param>
    /// <param name="sending">Where the connection sends what the socket does not take at once; disposed at the end.</param>
    public NbdSession(NbdConnection connection, NbdExportInfo info, EndPoint endPoint, IDisposable sending)
    {
        _connection = connection;
        _sending = sending;
        Info = info;
        EndPoint = endPoint;
        Peer = PeerProcess.Of(connection.Socket);
        _replies = new ReplyReader(this, connection);
    }

    /// <summary>What the server says of the export.</summary>
    public NbdExportInfo Info { get; }

    /// <summary>Where it leads.</summary>
    public EndPoint EndPoint { get; }

    /// <summary>The process on the other side, if that can be known.</summary>
    public PeerProcess? Peer { get; }

    /// <summary>Whether it was ended on purpose, and not by the server or the network.</summary>
    public bool IsClosing => Volatile.Read(ref _closing);

    /// <summary>Whether it was ended because a request was not answered.</summary>
    public bool HasTimedOut { get; private set; }

    /// <summary>Whether the connection has ended; the owner's to set, and to see.</summary>
    public bool IsOver { get; set; }

    /// <summary>Set by the owner when it knows what was under way at the end.</summary>
    public TaskCompletionSource Settled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Begins to take answers.</summary>
    /// <param name="owner">Hears of the end, on the session's thread.</param>
    public void Start(ISessionOwner owner)
    {
        var thread = new Thread(() => Run(owner)) { IsBackground = true, Name = $"nbd-{owner.Name}" };
        thread.Start();
    }

    /// <summary>Sends a request, or lets it wait its turn. Does not block.</summary>
    /// <returns>False if the session is over: the attempt stays the caller's.</returns>
    public bool TrySubmit(BioAttempt attempt)
    {
        lock (_lock)
        {
            if (_ended || _closing)
            {
                return false;
            }

            if (TakeSlot() is not { } slot)
            {
                _backlog.Enqueue(attempt);
                return true;
            }

            Send(slot, attempt);
        }

        NbdBatch.Flush(_connection.Output);
        return true;
    }

    /// <summary>Gives an attempt back that the server has seen nothing of.</summary>
    /// <returns>False if it is too late, or it is not here.</returns>
    public bool TryWithdraw(BioAttempt attempt)
    {
        lock (_lock)
        {
            if (TryWithdrawWaiting(attempt))
            {
                return true;
            }

            foreach (NbdSlot slot in _slots)
            {
                if (slot.Cookie != 0 && slot.Attempt == attempt && _connection.Output.TryRemove(slot))
                {
                    Free(slot);
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>
    /// Takes no more requests, and gives back those that the server has seen nothing of. When the others have been answered,
    /// or nobody answers any more, the connection is closed. Does not block.
    /// </summary>
    /// <param name="why">Said of the end.</param>
    public void Close(string why)
    {
        var withdrawn = new List<BioAttempt>();
        bool isIdle;
        lock (_lock)
        {
            _closing = true;
            withdrawn.AddRange(_backlog);
            _backlog.Clear();
            foreach (NbdSlot slot in _slots)
            {
                if (slot.Cookie != 0 && _connection.Output.TryRemove(slot))
                {
                    withdrawn.Add(Free(slot));
                }
            }

            isIdle = _busy == 0;
        }

        foreach (BioAttempt attempt in withdrawn)
        {
            attempt.FailPath(BlockStatus.Transport);
        }

        if (isIdle)
        {
            Disconnect(why);
        }
    }

    /// <summary>Ends the connection: nobody is waited for.</summary>
    public void Abort(string why) => _connection.Abort(why);

    /// <summary>Time passes: what has taken too long ends the connection.</summary>
    /// <param name="limit">How long a request may take, for what is said of one that takes longer.</param>
    public void Tick(TimeSpan limit)
    {
        string? late = null;
        lock (_lock)
        {
            _tick++;
            foreach (NbdSlot slot in _slots)
            {
                if (slot.Cookie != 0 && _tick - slot.Tick > TicksPerTimeout)
                {
                    late = $"no answer within {limit.TotalSeconds:0.###} s: {slot}";
                    break;
                }
            }
        }

        if (late is not null)
        {
            HasTimedOut = true;
            _connection.Abort(late);
        }
    }

    /// <summary>The request that an answer is to: one that was sent, and that nobody can take back meanwhile.</summary>
    /// <exception cref="NbdProtocolException">There is none.</exception>
    internal NbdSlot Find(ulong cookie)
    {
        NbdSlot[] slots = Volatile.Read(ref _slots);
        uint index = (uint)cookie;
        return index < (uint)slots.Length && slots[index] is { IsTaken: true, IsAnswered: false } slot && slot.Cookie == cookie && cookie != 0
            ? slot
            : throw Unknown(cookie);
    }

    // Out of the way of every answer, which need not make room for the text.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static NbdProtocolException Unknown(ulong cookie) => new($"the server answers to a request that was not made, or answers twice (cookie 0x{cookie:x})");

    /// <summary>A request was sent and answered.</summary>
    internal void Complete(NbdSlot slot)
    {
        BlockStatus status = slot.Status;
        BioAttempt attempt;
        bool sends = false;
        bool isIdle;
        lock (_lock)
        {
            attempt = Free(slot);
            if (_backlog.Count > 0 && !_ended)
            {
                Send(TakeSlot()!, _backlog.Dequeue());
                sends = true;
            }

            isIdle = _closing && _busy == 0;
        }

        if (sends)
        {
            NbdBatch.Flush(_connection.Output);
        }

        if (isIdle)
        {
            Disconnect("closed");
        }

        attempt.End(status);
    }

    private void Run(ISessionOwner owner)
    {
        string why = _replies.Run();
        _connection.Abort(why);
        Guarded(owner, () => owner.OnEnding(this, why));
        _connection.Output.Break();
        _connection.Output.Ended.Wait();
        Guarded(owner, () => GiveBack(owner));
        Guarded(owner, _connection.Dispose);
        Guarded(owner, _sending.Dispose);
    }

    private static void Guarded(ISessionOwner owner, Action step)
    {
        try
        {
            step();
        }
        catch (Exception exception)
        {
            owner.OnFault(exception);
        }
    }

    private NbdSlot? TakeSlot()
    {
        if (_free is null)
        {
            if (_slots.Length == MaxRequests)
            {
                return null;
            }

            Grow();
        }

        NbdSlot slot = _free!;
        _free = slot.NextFree;
        slot.NextFree = null;
        _busy++;
        return slot;
    }

    private void Grow()
    {
        const int FirstSlots = 32;
        var slots = new NbdSlot[Math.Max(FirstSlots, _slots.Length * 2)];
        _slots.CopyTo(slots, 0);
        for (int i = slots.Length - 1; i >= _slots.Length; i--)
        {
            slots[i] = new NbdSlot(this, i) { NextFree = _free };
            _free = slots[i];
        }

        Volatile.Write(ref _slots, slots);
    }

    // Under the lock, so that who gives back what is under way finds all of it. If nothing is sent any more, that happens soon.
    private void Send(NbdSlot slot, BioAttempt attempt)
    {
        slot.Begin(attempt, _tick);
        _ = _connection.Output.TryAdd(slot);
    }

    private BioAttempt Free(NbdSlot slot)
    {
        BioAttempt attempt = slot.End();
        slot.NextFree = _free;
        _free = slot;
        _busy--;
        return attempt;
    }

    private bool TryWithdrawWaiting(BioAttempt attempt)
    {
        bool found = false;
        for (int i = _backlog.Count; i > 0; i--)
        {
            BioAttempt each = _backlog.Dequeue();
            if (each == attempt)
            {
                found = true;
            }
            else
            {
                _backlog.Enqueue(each);
            }
        }

        return found;
    }

    // The server closes the connection then, or need not.
    private void Disconnect(string why)
    {
        if (_connection.Output.TryAdd(new DisconnectFrame()))
        {
            _connection.Output.Flush();
        }

        _connection.Abort(why);
    }

    private void GiveBack(ISessionOwner owner)
    {
        var harmless = new List<BioAttempt>();
        var uncertain = new List<BioAttempt>();
        lock (_lock)
        {
            _ended = true;
            harmless.AddRange(_backlog);
            _backlog.Clear();
            foreach (NbdSlot slot in _slots)
            {
                if (slot.Cookie != 0)
                {
                    (slot.MayBeCarriedOut ? uncertain : harmless).Add(Free(slot));
                }
            }
        }

        owner.OnEnded(this, harmless, uncertain);
    }
}
