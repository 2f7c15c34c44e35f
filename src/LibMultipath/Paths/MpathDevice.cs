using LibMultipath.Block;
using LibMultipath.Reclamation;

namespace LibMultipath.Paths;

/// <summary>
/// One way to reach what a head stands for (the proposal's <c>struct mpath_device</c>, nvme's <c>nvme_ns</c> as a
/// path): a disk of its own, a controller that it may share with other paths, a node, and a state.
/// </summary>
/// <remarks>
/// <para>A path is made by its driver, added with <see cref="MpathHead.Add"/>, and used once the driver has called
/// <see cref="SetLive"/>. After <see cref="MpathHead.Remove"/> it is used no more and cannot be added again.</para>
/// <para>All members may be used on any thread. Setting the state blocks for a grace period of the head, so not from
/// inside a callback of <see cref="MpathHead.ForEachPath{TState}"/>.</para>
/// </remarks>
public sealed partial class MpathDevice
{
    private int _state;
    private MpathHead? _head;

    /// <summary>Makes a path that is not added to a head yet.</summary>
    /// <param name="controller">The controller it goes through; paths that share one share its load.</param>
    /// <param name="disk">The path's own disk.</param>
    /// <param name="numaNode">The node it is near to; <see cref="Topology.NumaNode.None"/> if it is near to none.</param>
    /// <param name="accessState">Its access state to begin with.</param>
    public MpathDevice(
        MpathController controller,
        DriverDisk disk,
        int numaNode = Topology.NumaNode.None,
        MpathAccessState accessState = MpathAccessState.Optimized)
    {
        ArgumentNullException.ThrowIfNull(controller);
        ArgumentNullException.ThrowIfNull(disk);
        ArgumentOutOfRangeException.ThrowIfLessThan(numaNode, Topology.NumaNode.None);
        ThrowIfUndefined(accessState);
        Controller = controller;
        Disk = disk;
        NumaNode = numaNode;
        _state = (int)accessState | (int)PathState.NotLive;
    }

    /// <summary>The controller it goes through.</summary>
    public MpathController Controller { get; }

    /// <summary>The path's own disk.</summary>
    public DriverDisk Disk { get; }

    /// <summary>The NUMA node it is near to, or <see cref="Topology.NumaNode.None"/>.</summary>
    public int NumaNode { get; }

    /// <summary>What people call it: the name of its disk.</summary>
    public string Name => Disk.Name;

    /// <summary>The head it belongs to.</summary>
    /// <exception cref="InvalidOperationException">It was not added to one.</exception>
    public MpathHead Head => _head ?? throw new InvalidOperationException($"The path {Name} was not added to a head.");

    /// <summary>Which path of its head it is, in order of addition, from 0; never given again. -1 before it was added.</summary>
    public int Number { get; internal set; } = -1;

    /// <summary>Something of the driver's.</summary>
    public object? DriverData { get; set; }

    /// <summary>
    /// Whether it is disabled, for whatever reason: not live, its state being read, its controller down, its capacity
    /// not the head's, being removed.
    /// </summary>
    public bool IsDisabled => (State & PathState.DisabledMask) != 0;

    /// <summary>Whether selection may choose it: enabled, and optimized or non-optimized.</summary>
    public bool IsUsable => State is PathState.UsableOptimized or PathState.UsableNonOptimized;

    /// <summary>Whether the driver has set it live and not down since.</summary>
    public bool IsLive => (State & PathState.NotLive) == 0;

    /// <summary>Whether its access state is being read anew (<c>NVME_NS_ANA_PENDING</c>).</summary>
    public bool IsPending => (State & PathState.Pending) != 0;

    /// <summary>Whether its capacity was found to differ from the head's.</summary>
    public bool HasCapacityMismatch => (State & PathState.CapacityMismatch) != 0;

    /// <summary>
    /// Whether it must not be used before what the disk's user has asked of all paths has been asked of this one too:
    /// before it is registered for the user's persistent reservation.
    /// </summary>
    public bool IsUnadmitted => (State & PathState.Unadmitted) != 0;

    /// <summary>Whether it is being removed, or was.</summary>
    public bool IsRemoved => (State & PathState.Removed) != 0;

    /// <summary>
    /// The access state. Setting it ends a pending re-read and does what follows: a path that becomes usable goes
    /// through set-live again, and I/O that waits is tried again. A path that becomes unusable is not forgotten as
    /// current; selection skips it.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is set to something that is not a state.</exception>
    public MpathAccessState AccessState
    {
        get => (MpathAccessState)(State & PathState.AccessMask);
        set
        {
            ThrowIfUndefined(value);
            if (Change(PathState.AccessMask | PathState.Pending, (PathState)value))
            {
                _head?.OnPathChanged(this);
            }
        }
    }

    /// <summary>The whole state.</summary>
    internal PathState State => (PathState)Volatile.Read(ref _state);

    /// <summary>
    /// A small number that no other path of the head has while this one is in its list; unlike <see cref="Index"/> it
    /// does not change. -1 before.
    /// </summary>
    internal int Slot { get; set; } = -1;

    /// <summary>As <see cref="Slot"/>, that no other path of the process has; and a number that none ever has again.</summary>
    internal (int Place, long Serial) Place { get; set; } = (-1, 0);

    /// <summary>Where it is in the head's list. Written under the head's lock; a reader checks it against the list it has.</summary>
    internal int Index { get; set; } = -1;

    /// <summary>
    /// The attempts that are under way: each is a read section, so that starting and ending one costs no interlocked
    /// instruction, and waiting for all of them is a grace period. Its spare counters are the path's statistics.
    /// </summary>
    internal SrcuDomain Attempts { get; } = new();

    /// <summary>
    /// The path works: the driver is ready to carry I/O out (<c>nvme_mpath_set_live</c>). The first live path makes
    /// the head's disk appear; I/O that waits is tried again.
    /// </summary>
    /// <exception cref="InvalidOperationException">It was not added to a head.</exception>
    public void SetLive()
    {
        MpathHead head = Head;
        Change(PathState.NotLive, 0);
        head.OnPathChanged(this);
    }

    /// <summary>
    /// The path does not work (<c>NVME_NS_READY</c> cleared): it is not selected until <see cref="SetLive"/>. I/O that
    /// is with the driver stays with it.
    /// </summary>
    public void SetDown()
    {
        if (SetReason(PathState.NotLive, true))
        {
            _head?.OnPathChanged(this);
        }
    }

    /// <summary>
    /// Completes when every attempt that was under way at the call has ended. After <see cref="SetDown"/> none begins
    /// any more, and the path is idle then. It asks nothing back from the driver, and takes as long as that takes.
    /// </summary>
    /// <exception cref="OperationCanceledException">(In the task.) The wait was given up.</exception>
    /// <exception cref="ObjectDisposedException">The path was removed.</exception>
    public Task DrainAsync(CancellationToken cancellationToken = default) => Attempts.SynchronizeAsync(cancellationToken);

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({AccessState}{(IsDisabled ? ", disabled" : "")})";

    /// <summary>Sets or clears one reason for being disabled. True if that changed anything.</summary>
    internal bool SetReason(PathState reason, bool set) => Change(reason, set ? reason : 0);

    internal void AttachTo(MpathHead head)
    {
        if (Interlocked.CompareExchange(ref _head, head, null) is not null)
        {
            throw new InvalidOperationException($"The path {Name} belongs to a head already, or did once.");
        }
    }

    /// <summary>Nothing uses the path any more; its statistics can still be read.</summary>
    internal void Retire() => Attempts.Dispose();

    internal void DetachFromFailedAdd() => _head = null;

    internal bool IsPathOf(MpathHead head) => ReferenceEquals(_head, head);

    private bool Change(PathState mask, PathState value)
    {
        while (true)
        {
            int seen = Volatile.Read(ref _state);
            int wanted = (seen & ~(int)mask) | (int)value;
            if (wanted == seen)
            {
                return false;
            }

            if (_head is { NeedsAdmission: true } && !Works((PathState)wanted))
            {
                wanted = unchecked((wanted | (int)PathState.Unadmitted) + (int)PathState.Outage);
            }

            // First, so that whoever finds the path in its new state also finds that it has changed.
            _head?.CountPathChange();
            if (Interlocked.CompareExchange(ref _state, wanted, seen) == seen)
            {
                LetInIfNobodyVouches(wanted);
                LookIfUsabilityChanged((PathState)seen, (PathState)wanted);
                return true;
            }
        }
    }

    private static void ThrowIfUndefined(MpathAccessState state)
    {
        if (!Enum.IsDefined(state))
        {
            throw new ArgumentOutOfRangeException(nameof(state), state, "There is no such access state.");
        }
    }
}
