namespace LibMultipath.Nbd.Server;

/// <summary>
/// Shares a number of bytes out among connections. What does not fit waits, and nobody who comes later overtakes it, so
/// what is large gets its turn as well; but for what is small, for which a part is kept.
/// </summary>
/// <remarks>
/// <b>Small requests.</b> Some clients that ask for much, and send or take it slowly, must not keep the others from their few
/// blocks: a thirty-second part of all is not given to large requests, and small ones overtake those within it.
///
/// A connection may have as much as it would leave free. So one that never lets go of anything has half of all at the
/// most, two have two thirds, and there is always something left for others. One that has nothing yet gets what it asks for
/// as soon as that is free. Any thread may use it; a share waits for one thing at a time.
/// </remarks>
/// <param name="limit">In bytes; no request is for more.</param>
internal sealed class MemoryBudget(long limit)
{
    // Less than this is too little to keep a part of it.
    private const long LeastWithReserve = 1024 * 1024;
    private const long LeastSmall = 4096;

    private readonly Lock _lock = new();
    private readonly List<MemoryShare> _waiting = [];
    private readonly long _small = limit < LeastWithReserve ? 0 : Math.Max(LeastSmall, limit / 2048);
    private readonly long _reserve = limit < LeastWithReserve ? 0 : limit / 32;
    private long _used;
    private long _smallUsed;

    /// <summary>What is given out, in bytes.</summary>
    public long Used => Volatile.Read(ref _used);

    /// <summary>Takes bytes, or begins to wait for them: then the share is signalled, and <see cref="HasGot"/> says that it is so.</summary>
    public bool TryTake(MemoryShare share, long bytes)
    {
        lock (_lock)
        {
            if (_waiting.Count == 0 && IsWithinShare(share, bytes) && Fits(bytes))
            {
                Give(share, bytes);
                return true;
            }

            share.Wanted = bytes;
            _waiting.Add(share);
            return !ServeWaiting(share);
        }
    }

    /// <summary>Whether what was waited for has come.</summary>
    public bool HasGot(MemoryShare share)
    {
        lock (_lock)
        {
            return share.Wanted == 0;
        }
    }

    /// <summary>Gives bytes back.</summary>
    public void Return(MemoryShare share, long bytes)
    {
        lock (_lock)
        {
            _used -= bytes;
            _smallUsed -= bytes <= _small ? bytes : 0;
            share.Used -= bytes;
            if (_waiting.Count > 0)
            {
                ServeWaiting(null);
            }
        }
    }

    /// <summary>How much a share has, while others wait; 0 while nobody does.</summary>
    public long HeldWhileOthersWait(MemoryShare share)
    {
        lock (_lock)
        {
            return _waiting.Count > (share.Wanted > 0 ? 1 : 0) ? share.Used : 0;
        }
    }

    /// <summary>Stops to wait.</summary>
    /// <returns>False if it does not wait: what it waited for has become its own.</returns>
    public bool Leave(MemoryShare share)
    {
        lock (_lock)
        {
            bool waited = _waiting.Remove(share);
            if (waited)
            {
                share.Wanted = 0;
                ServeWaiting(null);
            }

            return waited;
        }
    }

    // Those that have had their share wait for what they have themselves, and hold up nobody.
    private bool ServeWaiting(MemoryShare? newest)
    {
        long heldUp = 0;
        for (int i = 0; i < _waiting.Count;)
        {
            MemoryShare share = _waiting[i];
            if (!IsWithinShare(share, share.Wanted))
            {
                i++;
                continue;
            }

            if (heldUp > 0 ? !FitsBeside(share.Wanted, heldUp) : !Fits(share.Wanted))
            {
                heldUp = Math.Max(heldUp, share.Wanted);
                i++;
                continue;
            }

            _waiting.RemoveAt(i);
            Give(share, share.Wanted);
            share.Wanted = 0;
            if (!ReferenceEquals(share, newest))
            {
                share.Granted.Set();
            }
        }

        return newest is { Wanted: > 0 };
    }

    // One large request always fits where there is no other, however large it is.
    private bool Fits(long bytes)
    {
        long large = _used - _smallUsed;
        return _used + bytes <= limit && (bytes <= _small || large == 0 || large + bytes <= limit - _reserve);
    }

    // What is kept for the small is theirs while a large one waits, if that one can do without.
    private bool FitsBeside(long bytes, long heldUp) =>
        bytes <= _small && _smallUsed + bytes <= _reserve && _used + bytes <= limit && heldUp <= limit - _reserve;

    private bool IsWithinShare(MemoryShare share, long bytes) => share.Used == 0 || share.Used + bytes <= limit - _used - bytes - (bytes <= _small ? 0 : _reserve);

    private void Give(MemoryShare share, long bytes)
    {
        _used += bytes;
        _smallUsed += bytes <= _small ? bytes : 0;
        share.Used += bytes;
    }
}
