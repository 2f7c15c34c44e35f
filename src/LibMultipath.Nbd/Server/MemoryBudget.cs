namespace LibMultipath.Nbd.Server;

/// <summary>
/// Shares a number of bytes out among connections. What does not fit waits, and nobody who comes later overtakes it, so
/// what is large gets its turn as well.
/// </summary>
/// <remarks>
/// A connection may have as much as it would leave free. So one that never lets go of anything has half of all at the
/// most, two have two thirds, and there is always something left for others. One that has nothing yet gets what it asks for
/// as soon as that is free. Any thread may use it; a share waits for one thing at a time.
/// </remarks>
/// <param name="limit">In bytes; no request is for more.</param>
internal sealed class MemoryBudget(long limit)
{
    private readonly Lock _lock = new();
    private readonly List<MemoryShare> _waiting = [];
    private long _used;

    /// <summary>What is given out, in bytes.</summary>
    public long Used => Volatile.Read(ref _used);

    /// <summary>Takes bytes, or begins to wait for them: then the share is signalled, and <see cref="HasGot"/> says that it is so.</summary>
    public bool TryTake(MemoryShare share, long bytes)
    {
        lock (_lock)
        {
            if (_waiting.Count == 0 && IsWithinShare(share, bytes) && _used + bytes <= limit)
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
            share.Used -= bytes;
            if (_waiting.Count > 0)
            {
                ServeWaiting(null);
            }
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
        for (int i = 0; i < _waiting.Count;)
        {
            MemoryShare share = _waiting[i];
            if (!IsWithinShare(share, share.Wanted))
            {
                i++;
                continue;
            }

            if (_used + share.Wanted > limit)
            {
                break;
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

    private bool IsWithinShare(MemoryShare share, long bytes) => share.Used == 0 || share.Used + bytes <= limit - _used;

    private void Give(MemoryShare share, long bytes)
    {
        _used += bytes;
        share.Used += bytes;
    }
}
