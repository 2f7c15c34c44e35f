namespace LibMultipath.Nbd.Server;

// The requests of the connection: so many may be under way, each with its place.
internal sealed partial class ServerConnection
{
    private readonly Lock _slotLock = new();

    // Under the lock: those that are free, how many there are in all, and whether the reader waits for one.
    private readonly ServerRequest[] _free;
    private readonly List<ServerRequest> _all = [];
    private int _freeCount;
    private bool _slotAwaited;

    /// <summary>The answer has left, or never will.</summary>
    public void Release(ServerRequest request)
    {
        bool wake;
        lock (_slotLock)
        {
            _free[_freeCount++] = request;
            wake = _slotAwaited;
            _slotAwaited = false;
        }

        if (wake)
        {
            _signal.Set();
        }
    }

    /// <summary>Gives memory of a request back.</summary>
    /// <param name="buffer">Its data, if it has any.</param>
    /// <param name="length">Of that, in bytes; 0 if it has none.</param>
    /// <param name="charged">What the budget has given for it, in bytes.</param>
    public void ReturnMemory(nint buffer, int length, int charged)
    {
        if (length > 0)
        {
            Buffers.Return(buffer, length);
        }

        _server.Budget.Return(_share, charged);
    }

    // Null if all are under way: then the signal is set when one is free.
    private ServerRequest? TakeSlot()
    {
        lock (_slotLock)
        {
            if (_freeCount > 0)
            {
                return _free[--_freeCount];
            }

            if (_all.Count < _free.Length)
            {
                var made = new ServerRequest(this);
                _all.Add(made);
                return made;
            }

            _slotAwaited = true;
            return null;
        }
    }

    // If not, the signal is set when one more has ended.
    private bool IsAllAnswered()
    {
        lock (_slotLock)
        {
            _slotAwaited = _freeCount < _all.Count;
            return !_slotAwaited;
        }
    }

    // Nothing is sent any more. What the reader has not submitted and what waited to be sent is nobody's; what the disk
    // has gives its memory back by itself.
    private void ReleaseUnsent()
    {
        if (_reserving > 0 && !_server.Budget.Leave(_share))
        {
            _server.Budget.Return(_share, _reserving);
        }

        lock (_slotLock)
        {
            foreach (ServerRequest request in _all)
            {
                if (!request.IsWithDisk)
                {
                    request.ReleaseMemory();
                }
            }
        }
    }
}
