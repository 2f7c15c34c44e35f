using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Work;

namespace LibMultipath.Disk;

/// <summary>
/// The head disk: the block device that users see in front of the paths of a head (the proposal's
/// <c>struct mpath_disk</c>). Submit bios to it; they end on whatever path works.
/// </summary>
/// <remarks>
/// <para><b>Life.</b> A disk is put on a head by making it, appears to its users (is <i>live</i>) when the first path
/// is, and is taken away with <see cref="Remove"/>: I/O that waits fails then, as does new I/O; what is with a path
/// ends as it ends. It is gone when the maker has disposed it and everybody who has opened it has closed it. It holds a
/// reference to its head until then.</para>
/// <para><b>Order.</b> Bios go their own ways; whoever needs one after another waits for the first, as with any disk.
/// A bio is with one path at a time: another one gets it only when the first has given it back.</para>
/// </remarks>
public sealed partial class MpathDisk : BlockDevice, IMpathHeadDisk, IDisposable
{
    private readonly MpathDiskOptions _options;
    private readonly IMpathBioCloner? _cloner;
    private readonly Lock _liveLock = new();
    private readonly Lock _hostLock = new();
    private int _references = 1;
    private int _disposed;
    private int _openCount;
    private bool _live;
    private bool _removed;
    private bool _gone;
    private bool _shown;

    /// <summary>Puts a disk on a head. It is live at once if the head has a usable path already.</summary>
    /// <param name="head">The head; it has no other disk. The disk takes a reference to it.</param>
    /// <param name="options">How the disk is; null for the defaults.</param>
    /// <exception cref="BlockException">The head is gone (ENXIO).</exception>
    /// <exception cref="InvalidOperationException">The head has a disk already.</exception>
    public MpathDisk(MpathHead head, MpathDiskOptions? options = null)
        : base(options?.Name ?? NameOf(head), new DiskShape(head.CapacitySectors, head.Limits, options?.ReadOnly ?? false), head.Logger)
    {
        _options = options ?? new MpathDiskOptions();
        if (!head.TryGet())
        {
            throw new BlockException(Errno.ENXIO, $"{head.Name} is gone; no disk can be put on it");
        }

        Head = head;
        _cloner = head.Template as IMpathBioCloner;
        NumaNode = _options.NumaNode ?? head.CurrentNode;
        _requeueWork = new DeferredWork(head.Scheduler, WorkKind.Reclaim, Requeue, exception => Logger.RequeueFaulted(exception, Name));
        _zoneWork = new DeferredWork(head.Scheduler, WorkKind.BlockingReclaim, LookAtZones, exception => Logger.ZoneWorkFaulted(exception, Name));
        _scan = new PartitionScan(this, head.Scheduler);
        try
        {
            head.AttachDisk(this);
        }
        catch
        {
            head.Put();
            throw;
        }

        try
        {
            AdoptShape();
            foreach (MpathDevice path in head.Paths)
            {
                if (path.IsUsable)
                {
                    SetLive(path);
                }
            }
        }
        catch
        {
            // Nobody will have the disk, so nobody would dispose it.
            Dispose();
            throw;
        }
    }

    /// <summary>The head that the disk is in front of.</summary>
    public MpathHead Head { get; }

    /// <summary>What the disk hangs on in the embedder's world; the library makes nothing of it.</summary>
    public object? Parent => _options.Parent;

    /// <summary>The NUMA node that the disk was made on.</summary>
    public int NumaNode { get; }

    /// <inheritdoc/>
    public override bool IsHeadDisk => true;

    /// <summary>Whether users see the disk: a path has been live, and the disk was not removed.</summary>
    public bool IsLive => Volatile.Read(ref _live);

    /// <summary>How many have the disk open.</summary>
    public int OpenCount => Volatile.Read(ref _openCount);

    /// <summary>
    /// Opens the disk: it is not gone before the handle is disposed. It may be removed all the same; I/O then fails.
    /// </summary>
    /// <exception cref="BlockException">The disk is not live, or going (ENXIO).</exception>
    public MpathDiskHandle Open()
    {
        if (!IsLive || !TryGet())
        {
            throw new BlockException(Errno.ENXIO, $"{Name} cannot be opened: it is {(_removed ? "being removed" : "not live, no path of it is")}");
        }

        Interlocked.Increment(ref _openCount);
        return new MpathDiskHandle(this);
    }

    /// <summary>
    /// Takes the disk away from its users (<c>nvme_mpath_remove_disk</c>): it is not live any more, and I/O that waits
    /// for a path fails, as does what is submitted later; I/O that is with a path ends as it ends. The head stays, and
    /// can get another disk. Blocks for a grace period; a second call does nothing.
    /// </summary>
    public void Remove()
    {
        lock (_liveLock)
        {
            if (_removed)
            {
                return;
            }

            Volatile.Write(ref _removed, true);
            Volatile.Write(ref _live, false);

            // Its maker may dispose the disk while another thread removes it: it is gone when both are done.
            TryGet();
        }

        try
        {
            // In this order: I/O that saw the disk live is on the list when the work looks, and the work sees the disk
            // dead. The other way round a bio could come to the list after the work, and wait for ever.
            Head.Srcu.Synchronize();
            ScheduleRequeue();
            _requeueWork.Flush();
            _zoneWork.Flush();
            _scan.Cancel();
            Hide();
        }
        finally
        {
            Volatile.Write(ref _gone, true);
            AdoptShape();
            Head.DetachDisk(this);
            Put();
        }
    }

    /// <summary>Removes the disk and gives the maker's reference back. A second call does nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            Remove();
            Put();
        }
    }

    /// <summary>Whether the disk was removed: it takes no I/O any more.</summary>
    internal override bool IsGone => Volatile.Read(ref _gone);

    internal void Close()
    {
        Interlocked.Decrement(ref _openCount);
        Put();
    }

    private static string NameOf(MpathHead head)
    {
        ArgumentNullException.ThrowIfNull(head);
        return head.Name;
    }

    private bool TryGet()
    {
        int seen = Volatile.Read(ref _references);
        while (seen > 0)
        {
            int was = Interlocked.CompareExchange(ref _references, seen + 1, seen);
            if (was == seen)
            {
                return true;
            }

            seen = was;
        }

        return false;
    }

    // The last put waits for what was deferred, so nothing runs after.
    private void Put()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            _requeueWork.Flush();
            _zoneWork.Flush();
            _scan.Flush();
            Head.Srcu.Synchronize();
            Head.Put();
        }
    }
}
