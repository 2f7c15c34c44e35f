namespace LibMultipath.Block;

/// <summary>
/// Bios that wait, in order (the kernel's <c>bio_list</c> with its lock). A bio is on one list at the most, and can
/// be taken off from the middle, so that it can be cancelled at once. Nothing is allocated: the links are the bios'.
/// </summary>
internal sealed class BioWaitList
{
    private readonly Lock _lock = new();
    private Bio? _first;
    private Bio? _last;
    private int _count;

    /// <summary>How many wait. Exact when nobody changes the list.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Appends a bio that its caller owns; from then on it is whoever's takes it off.</summary>
    /// <returns>False if its submitter has asked for it back: then it is not on the list, and the caller's to end.</returns>
    public bool Add(Bio bio)
    {
        lock (_lock)
        {
            bio.Previous = _last;
            bio.Next = null;
            if (_last is null)
            {
                _first = bio;
            }
            else
            {
                _last.Next = bio;
            }

            _last = bio;
            _count++;
            Volatile.Write(ref bio.WaitingOn, this);

            // Either who asks for it back sees where it waits, or the request is seen here. Under the lock, because
            // outside of it the bio may be anybody's, and the request one of its next life.
            if (!bio.IsCancellable || !bio.WasAskedBack())
            {
                return true;
            }

            Unlink(bio);
            return false;
        }
    }

    /// <summary>Takes one bio off, if it waits here.</summary>
    public bool TryRemove(Bio bio)
    {
        lock (_lock)
        {
            if (!ReferenceEquals(bio.WaitingOn, this))
            {
                return false;
            }

            Unlink(bio);
            return true;
        }
    }

    /// <summary>The one that has waited longest; null if none waits.</summary>
    public Bio? First => Volatile.Read(ref _first);

    /// <summary>Takes the one off that has waited longest.</summary>
    public Bio? TakeFirst()
    {
        lock (_lock)
        {
            Bio? first = _first;
            if (first is not null)
            {
                Unlink(first);
            }

            return first;
        }
    }

    /// <summary>Takes all off: the first of a chain that is linked by <see cref="Bio.Next"/>, or null.</summary>
    public Bio? TakeAll()
    {
        lock (_lock)
        {
            Bio? first = _first;
            for (Bio? bio = first; bio is not null; bio = bio.Next)
            {
                bio.Previous = null;
                Volatile.Write(ref bio.WaitingOn, null);
            }

            _first = _last = null;
            _count = 0;
            return first;
        }
    }

    /// <summary>Takes off those whose <see cref="Bio.DueTime"/> has come, as a chain; says when the next one is due.</summary>
    /// <param name="now">A timestamp.</param>
    /// <param name="next">The earliest due time of those left; <see cref="long.MaxValue"/> if none are.</param>
    public Bio? TakeDue(long now, out long next)
    {
        Bio? first = null;
        Bio? last = null;
        next = long.MaxValue;
        lock (_lock)
        {
            for (Bio? bio = _first; bio is not null;)
            {
                Bio? following = bio.Next;
                if (bio.DueTime > now)
                {
                    next = Math.Min(next, bio.DueTime);
                }
                else
                {
                    Unlink(bio);
                    if (last is null)
                    {
                        first = bio;
                    }
                    else
                    {
                        last.Next = bio;
                    }

                    last = bio;
                }

                bio = following;
            }
        }

        return first;
    }

    private void Unlink(Bio bio)
    {
        if (bio.Previous is null)
        {
            _first = bio.Next;
        }
        else
        {
            bio.Previous.Next = bio.Next;
        }

        if (bio.Next is null)
        {
            _last = bio.Previous;
        }
        else
        {
            bio.Next.Previous = bio.Previous;
        }

        bio.Next = bio.Previous = null;
        _count--;
        Volatile.Write(ref bio.WaitingOn, null);
    }
}
