using LibMultipath.Attributes;
using LibMultipath.Paths;
using LibMultipath.Work;

namespace LibMultipath.Nbd.Client;

/// <summary>What a head of NBD paths needs of its driver.</summary>
/// <remarks>
/// <b>Servers without multi-conn.</b> A server that does not set <c>NBD_FLAG_CAN_MULTI_CONN</c> does not promise that what is
/// written through one connection is seen through another, nor that a flush on one covers the other. So as soon as one
/// connected path of the head leads to such a server, one path is used (optimized), and the others stand by
/// (<see cref="MpathAccessState.Other"/>); when the connection of the first is lost, the next one takes its place.
/// </remarks>
/// <param name="policy">How paths are selected; heads that share the object share the policy.</param>
public sealed class NbdHeadTemplate(MpathIoPolicy policy) : IMpathHeadTemplate, IMpathDeviceGroups
{
    // Never held while states are set: that blocks, and may have a disk shown that needs a path of this head.
    private readonly Lock _lock = new();

    // The heads on which one path is used alone, with that path; and the work of each head that sets states. Under the lock.
    private readonly Dictionary<MpathHead, NbdPath?> _alone = [];
    private readonly Dictionary<MpathHead, DeferredWork> _works = [];

    /// <inheritdoc/>
    public MpathIoPolicy Policy { get; } = policy;

    /// <summary>A path comes back while it is connected or being connected, and its fast-fail time is not over.</summary>
    public bool AvailablePath(MpathDevice path) => path.Controller.MayComeBack;

    /// <summary>
    /// The state of an NBD path is what it was set to, so there is nothing to ask anybody; setting it again ends the wait.
    /// Setting blocks, and the thread that calls must not, so another one does it.
    /// </summary>
    public void RereadState(MpathDevice path) =>
        ThreadPool.UnsafeQueueUserWorkItem(static path => path.AccessState = path.AccessState, path, preferLocal: false);

    /// <summary>Where the path leads, and how its connection is.</summary>
    public IEnumerable<MpathAttributeNode> AttributesOf(MpathDevice path) => path.Disk is NbdPath nbd
        ?
        [
            new MpathAttributeGroup(
                "nbd",
                new MpathAttribute("address", nbd.Address.ToString),
                new MpathAttribute("state", () => nbd.ConnectionState),
                new MpathAttribute("multi_conn", () => nbd.CanMultiConn ? "1" : "0"),
                new MpathAttribute("held_writes", () => nbd.HeldWriteCount.ToString(System.Globalization.CultureInfo.InvariantCulture))),
        ]
        : [];

    /// <summary>
    /// Sees that servers without multi-conn are used through one path: after a path was added, connected, lost or removed. The
    /// states of a head are set by one thread at a time, one that is not the pool's.
    /// </summary>
    /// <param name="head">The head.</param>
    /// <param name="waits">Whether it is done at the return.</param>
    internal void Arrange(MpathHead head, bool waits)
    {
        DeferredWork? work;
        lock (_lock)
        {
            if (!_works.TryGetValue(head, out work))
            {
                work = new DeferredWork(WorkScheduler.Default, WorkKind.BlockingReclaim, () => Arrange(head));
                _works.Add(head, work);
            }
        }

        work.Queue();
        if (waits)
        {
            work.Flush();
        }
    }

    /// <summary>
    /// Before a path that was connected is used: it stands by where another one is used alone, and is the one if there is no
    /// other. Blocks for a grace period at most.
    /// </summary>
    internal void Prepare(NbdPath path)
    {
        MpathDevice device = path.Path!;
        MpathAccessState state = path.WantedState;
        lock (_lock)
        {
            bool isAlone = _alone.TryGetValue(device.Head, out NbdPath? current);
            if (!isAlone && path.CanMultiConn)
            {
                return;
            }

            bool hasOther = isAlone
                ? current is { IsConnected: true } && !ReferenceEquals(current, path)
                : PathsOf(device.Head).Any(other => !ReferenceEquals(other, path) && other.IsConnected);
            if (hasOther)
            {
                state = MpathAccessState.Other;
            }
            else
            {
                _alone[device.Head] = path;
            }
        }

        Set(path, state);
    }

    private static NbdPath[] PathsOf(MpathHead head) => [.. head.Paths.Where(path => !path.IsRemoved).Select(path => path.Disk).OfType<NbdPath>()];

    private static void Set(NbdPath path, MpathAccessState state)
    {
        if (path.Path is { } device && device.AccessState != state)
        {
            device.AccessState = state;
        }
    }

    private void Arrange(MpathHead head)
    {
        if (Decide(head) is not { } plan)
        {
            return;
        }

        // First those that stand by, so that never two are used.
        foreach (NbdPath path in plan.Paths)
        {
            if (!ReferenceEquals(path, plan.Alone))
            {
                Set(path, plan.IsAlone ? MpathAccessState.Other : path.WantedState);
            }
        }

        if (plan.Alone is { } alone)
        {
            Set(alone, alone.WantedState);
        }
    }

    /// <summary>Which path is used alone, if one is; null if everything may stay as it is.</summary>
    private (NbdPath[] Paths, bool IsAlone, NbdPath? Alone)? Decide(MpathHead head)
    {
        lock (_lock)
        {
            NbdPath[] all = PathsOf(head);
            NbdPath[] connected = [.. all.Where(path => path.IsConnected)];
            bool wasAlone = _alone.TryGetValue(head, out NbdPath? current);
            if (all.Length == 0)
            {
                _alone.Remove(head);
                _works.Remove(head);
                return null;
            }

            if (connected.Any(path => !path.CanMultiConn))
            {
                NbdPath? chosen = current is not null && connected.Contains(current)
                    ? current
                    : connected.Where(path => path.WantedState != MpathAccessState.Other).OrderBy(path => path.WantedState).FirstOrDefault();
                _alone[head] = chosen;
                if (chosen is not null && !ReferenceEquals(chosen, current))
                {
                    chosen.Log.Write(() => chosen.Logger.UsedAlone(head.Name, chosen.Name));
                }

                return (all, true, chosen);
            }

            // Who stands by, and is not connected, may be without multi-conn still; it is arranged when it connects.
            return wasAlone && connected.Length > 0 && _alone.Remove(head) ? (all, false, null) : null;
        }
    }
}
