namespace LibMultipath.Paths;

/// <summary>
/// What several paths to several disks share: an NVMe controller or a SCSI host. It has an id that is unique within
/// a head, a state, and the load (I/Os in flight) that <c>queue-depth</c> compares.
/// </summary>
/// <remarks>All members may be used on any thread.</remarks>
public sealed partial class MpathController
{
    private readonly Lock _lock = new();
    private readonly List<MpathDevice> _paths = [];
    private MpathControllerState _state;
    private ControllerLoad _load;

    /// <summary>Makes a controller.</summary>
    /// <param name="id">Not negative, and unique among the controllers of a head (<c>cntlid</c>).</param>
    /// <param name="state">Its state.</param>
    public MpathController(int id, MpathControllerState state = MpathControllerState.Live)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        Id = id;
        _state = state;
    }

    /// <summary>The id (<c>cntlid</c>).</summary>
    public int Id { get; }

    /// <summary>
    /// The I/Os in flight through all paths of this controller (<c>nr_active</c>). Only counted while the policy of
    /// their heads compares it; 0 otherwise.
    /// </summary>
    public int ActiveCount => Volatile.Read(ref _load.Count);

    /// <summary>
    /// The state. Setting it does what follows for every path: a controller that comes back sets its usable paths
    /// live again; one that goes disables them, and the I/O that waits is looked at again. Setting it blocks for a
    /// grace period, so not from inside a read section of a head.
    /// </summary>
    public MpathControllerState State
    {
        get
        {
            lock (_lock)
            {
                return _state;
            }
        }

        set
        {
            if (TryMark(value))
            {
                FollowState();
            }
        }
    }

    /// <summary>
    /// Whether I/O may go on through it one day: it is live, resetting or connecting, and has not been away for so long that
    /// its I/O fails (<see cref="IsFastFailExpired"/>).
    /// </summary>
    public bool MayComeBack => !IsFastFailExpired
        && State is MpathControllerState.Live or MpathControllerState.Resetting or MpathControllerState.Connecting;

    /// <summary>
    /// Starts over after a reconnect: the load is 0 again (<c>nvme_mpath_init_ctrl</c>). I/O that was counted before
    /// and ends later does not make it negative.
    /// </summary>
    public void Initialize() => Volatile.Write(ref _load.Count, 0);

    /// <inheritdoc/>
    public override string ToString() => $"controller {Id} ({State})";

    internal void AddPath(MpathDevice path)
    {
        lock (_lock)
        {
            _paths.Add(path);
            path.SetReason(PathState.ControllerDown, !IsUsable(_state));
        }
    }

    /// <summary>
    /// The first half of setting the state, which does not block: from here on no path is selected that must not be. What
    /// has to follow is <see cref="FollowState"/>.
    /// </summary>
    /// <returns>False if that is the state already.</returns>
    internal bool TryMark(MpathControllerState state)
    {
        lock (_lock)
        {
            if (_state == state)
            {
                return false;
            }

            _state = state;
            if (state == MpathControllerState.Live)
            {
                Volatile.Write(ref _fastFailExpired, false);
            }

            foreach (MpathDevice path in _paths)
            {
                path.SetReason(PathState.ControllerDown, !IsUsable(state));
            }

            return true;
        }
    }

    /// <summary>The second half: does for every path what follows from its state. Blocks for a grace period of each head.</summary>
    internal void FollowState() => MpathHead.OnPathsChanged(Paths);

    internal void RemovePath(MpathDevice path)
    {
        lock (_lock)
        {
            _paths.Remove(path);
        }
    }

    internal void BeginLoad() => Interlocked.Increment(ref _load.Count);

    internal void EndLoad()
    {
        // atomic_dec_if_positive: after Initialize there may be more ends than begins.
        int seen = Volatile.Read(ref _load.Count);
        while (seen > 0)
        {
            int was = Interlocked.CompareExchange(ref _load.Count, seen - 1, seen);
            if (was == seen)
            {
                return;
            }

            seen = was;
        }
    }

    private static bool IsUsable(MpathControllerState state) => state is MpathControllerState.Live or MpathControllerState.Deleting;
}
