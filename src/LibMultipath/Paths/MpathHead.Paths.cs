using LibMultipath.Block;

namespace LibMultipath.Paths;

public sealed partial class MpathHead
{
    private readonly Lock _lock = new();
    private MpathDevice[] _paths = [];
    private long _generation;
    private int _pathsAdded;
    private bool _removing;

    /// <summary>How many paths there are, usable or not.</summary>
    public int PathCount => PathList.Length;

    /// <summary>The paths there are now, in the order in which they were added.</summary>
    public IReadOnlyList<MpathDevice> Paths => Array.AsReadOnly(PathList);

    /// <summary>The list; immutable, replaced as a whole under the lock.</summary>
    internal MpathDevice[] PathList => Volatile.Read(ref _paths);

    /// <summary>Counts the changes of any path: what is known of failed paths is worth nothing after the next one.</summary>
    internal long Generation => Volatile.Read(ref _generation);

    /// <summary>
    /// Appends a path. It is not used before <see cref="MpathDevice.SetLive"/>. A pending removal of the head is
    /// cancelled. A path whose capacity is not the head's is disabled until <see cref="Revalidate"/> finds it equal.
    /// </summary>
    /// <param name="path">Not added anywhere yet.</param>
    /// <exception cref="InvalidOperationException">It belongs to a head already.</exception>
    /// <exception cref="ArgumentException">
    /// Its limits do not go with the disk's (its logical block is larger, or it would change a feature that a user of the
    /// disk has asked to be kept), or another controller of the head has the id of its controller.
    /// </exception>
    /// <exception cref="BlockException">The head is being removed (ENXIO).</exception>
    public void Add(MpathDevice path)
    {
        ArgumentNullException.ThrowIfNull(path);
        path.AttachTo(this);
        try
        {
            lock (_lock)
            {
                if (_removing || !TryGet())
                {
                    throw new BlockException(Errno.ENXIO, $"{Name} is being removed; {path.Name} cannot be added to it");
                }

                MpathDevice[] old = _paths;
                try
                {
                    ThrowIfIdInUse(path, old);
                    AdoptShape(path);
                }
                catch
                {
                    Put();
                    throw;
                }

                KeepBack(path);
                path.Controller.AddPath(path);
                path.Index = old.Length;
                path.Slot = FreeSlot(old);
                path.Place = PathPlaces.Take();
                path.Number = _pathsAdded++;

                // Before the path can be seen: what is known of the slot is of another path.
                CountPathChange();
                Volatile.Write(ref _paths, [.. old, path]);
            }
        }
        catch
        {
            path.DetachFromFailedAdd();
            throw;
        }

        _fastFail.Look();
        _removal.PathAdded();
        Volatile.Read(ref _disk)?.LimitsChanged();
        Tell(HeadChange.PathAdded, path);
        path.Controller.UpdateFailureTimes();
    }

    /// <summary>
    /// Removes a path: it is not selected any more, its attempts are asked back and waited for (what comes back goes
    /// on on another path), it is forgotten and unlinked, and its disk lets go of what it has. Blocks until all
    /// of that is done. Once only: a second call does nothing, and does not wait.
    /// </summary>
    /// <param name="path">A path of this head.</param>
    /// <exception cref="ArgumentException">It is not a path of this head.</exception>
    public void Remove(MpathDevice path)
    {
        if (BeginRemove(path))
        {
            // Nobody selects it after this, so the attempts that there are are all there will be.
            Srcu.Synchronize();
            path.Disk.AskAllBack();
            path.Attempts.Synchronize();
            path.Disk.FlushRetries();
            if (ClearCurrentPath(path))
            {
                Srcu.Synchronize();
            }

            Unlink(path);

            // A walker that holds the path finds its way back into the list until this has passed.
            Srcu.Synchronize();
            EndRemove(path);
        }
    }

    /// <summary>As <see cref="Remove"/>, without blocking the thread.</summary>
    /// <param name="path">A path of this head.</param>
    /// <exception cref="ArgumentException">It is not a path of this head.</exception>
    public async Task RemoveAsync(MpathDevice path)
    {
        if (BeginRemove(path))
        {
            await Srcu.SynchronizeAsync().ConfigureAwait(false);
            path.Disk.AskAllBack();
            await path.Attempts.SynchronizeAsync().ConfigureAwait(false);
            path.Disk.FlushRetries();
            if (ClearCurrentPath(path))
            {
                await Srcu.SynchronizeAsync().ConfigureAwait(false);
            }

            Unlink(path);
            await Srcu.SynchronizeAsync().ConfigureAwait(false);
            EndRemove(path);
        }
    }

    /// <summary>
    /// Calls back for every path, inside a read section (the proposal's <c>mpath_call_for_all_devices</c>). The
    /// callback must not block for long, nor change the state of a path.
    /// </summary>
    /// <typeparam name="TState">What the callback needs.</typeparam>
    /// <param name="state">Passed to every call.</param>
    /// <param name="callback">Called once a path, in list order.</param>
    public void ForEachPath<TState>(TState state, Action<MpathDevice, TState> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        using (Srcu.Enter())
        {
            foreach (MpathDevice path in PathList)
            {
                callback(path, state);
            }
        }
    }

    /// <summary>
    /// Looks at every path again after a capacity has changed (<c>nvme_mpath_revalidate_paths</c>). A path whose
    /// capacity is not the head's is disabled, one whose capacity is the head's again is enabled; the limits are
    /// stacked anew, all current paths are forgotten, and I/O that waits is tried again. Blocks for a grace period.
    /// </summary>
    /// <param name="capacitySectors">The head's capacity from now on, in sectors of 512 bytes; null leaves it.</param>
    /// <param name="callback">Sees each path with the head's capacity, before they are compared; null for none.</param>
    /// <exception cref="ArgumentException">
    /// The capacity is negative or no multiple of the logical block, or the limits of the paths do not go together, or a
    /// path's logical block has become larger than that which users of the disk have seen. Nothing has changed.
    /// </exception>
    public void Revalidate(long? capacitySectors = null, Action<MpathDevice, long>? callback = null)
    {
        var changed = new List<MpathDevice>();
        lock (_lock)
        {
            long capacity = capacitySectors ?? CapacitySectors;
            foreach (MpathDevice path in _paths)
            {
                callback?.Invoke(path, capacity);
            }

            SetShape(capacity, _paths);
            foreach (MpathDevice path in _paths)
            {
                if (path.SetReason(PathState.CapacityMismatch, path.Disk.CapacitySectors != capacity))
                {
                    changed.Add(path);
                }
            }

            CountPathChange();
        }

        Srcu.Synchronize();
        ClearAllCurrentPaths();
        Volatile.Read(ref _disk)?.LimitsChanged();
        ScheduleRequeue();
        OnPathsChanged(changed);
    }

    /// <summary>Decides that the head goes, unless it has a path: none can be added any more.</summary>
    internal bool TryBeginRemoval()
    {
        lock (_lock)
        {
            if (_removing || _paths.Length != 0)
            {
                return false;
            }

            _removing = true;
            return true;
        }
    }

    private bool BeginRemove(MpathDevice path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (!path.IsPathOf(this))
        {
            throw new ArgumentException($"{path.Name} is not a path of {Name}.", nameof(path));
        }

        if (!path.SetReason(PathState.Removed, true))
        {
            return false;
        }

        Volatile.Read(ref _admission)?.PathChanged();
        return true;
    }

    private void Unlink(MpathDevice path)
    {
        lock (_lock)
        {
            MpathDevice[] old = _paths;
            var paths = new MpathDevice[old.Length - 1];
            int count = 0;
            foreach (MpathDevice other in old)
            {
                if (!ReferenceEquals(other, path))
                {
                    other.Index = count;
                    paths[count++] = other;
                }
            }

            Volatile.Write(ref _paths, paths);
        }

        _fastFail.Look();
    }

    private void EndRemove(MpathDevice path)
    {
        path.Controller.RemovePath(path);
        path.Controller.UpdateFailureTimes();
        path.Retire();
        PathPlaces.Return(path.Place.Place);
        Tell(HeadChange.PathRemoved, path);

        // A driver that throws must not keep a path half removed: there is no second try.
        try
        {
            path.Disk.Release();
        }
        catch (Exception exception)
        {
            Logger.RemovePathFaulted(exception, Name, path.Name);
        }

        ScheduleRequeue();
        try
        {
            if (PathCount == 0)
            {
                _removal.LastPathGone();
            }
        }
        finally
        {
            Put();
        }
    }

    // A controller that is still being removed may be followed by the next one with its id.
    private void ThrowIfIdInUse(MpathDevice path, MpathDevice[] paths)
    {
        foreach (MpathDevice other in paths)
        {
            if (other.Controller.Id == path.Controller.Id && !ReferenceEquals(other.Controller, path.Controller) && !other.IsRemoved)
            {
                throw new ArgumentException(
                    $"{other.Name} and {path.Name} go through different controllers of {Name}, but both have the id {path.Controller.Id}.", nameof(path));
            }
        }
    }

    private static int FreeSlot(MpathDevice[] paths)
    {
        int slot = 0;
        while (Array.Exists(paths, path => path.Slot == slot))
        {
            slot++;
        }

        return slot;
    }
}
