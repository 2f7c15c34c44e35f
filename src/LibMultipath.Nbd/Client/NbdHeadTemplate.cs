using LibMultipath.Attributes;
using LibMultipath.Paths;

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
    private readonly Lock _lock = new();

    // The heads on which one path is used alone, with that path. Under the lock.
    private readonly Dictionary<MpathHead, NbdPath?> _alone = [];

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
    /// Sees that servers without multi-conn are used through one path: after a path was added, connected, lost or removed.
    /// Blocks for grace periods.
    /// </summary>
    internal void Arrange(MpathHead head)
    {
        lock (_lock)
        {
            NbdPath[] all = [.. head.Paths.Where(path => !path.IsRemoved).Select(path => path.Disk).OfType<NbdPath>()];
            NbdPath[] connected = [.. all.Where(path => path.IsConnected)];
            bool wasAlone = _alone.TryGetValue(head, out NbdPath? current);
            if (connected.All(path => path.CanMultiConn))
            {
                // Who stands by, and is not connected, may be without multi-conn still; it is arranged when it connects.
                if (wasAlone && connected.Length > 0)
                {
                    _alone.Remove(head);
                    SetAll(all, path => path.WantedState);
                }
                else if (all.Length == 0)
                {
                    _alone.Remove(head);
                }

                return;
            }

            NbdPath? chosen = current is not null && connected.Contains(current)
                ? current
                : connected.Where(path => path.WantedState != MpathAccessState.Other).OrderBy(path => path.WantedState).FirstOrDefault();
            _alone[head] = chosen;
            if (chosen is not null && !ReferenceEquals(chosen, current))
            {
                chosen.Log.UsedAlone(head.Name, chosen.Name);
            }

            // First those that stand by, so that never two are used.
            SetAll([.. all.Where(path => !ReferenceEquals(path, chosen))], _ => MpathAccessState.Other);
            SetAll(chosen is null ? [] : [chosen], path => path.WantedState);
        }
    }

    private static void SetAll(NbdPath[] paths, Func<NbdPath, MpathAccessState> state)
    {
        foreach (NbdPath path in paths)
        {
            if (path.Path is { } device && device.AccessState != state(path))
            {
                device.AccessState = state(path);
            }
        }
    }
}
