using System.Runtime.CompilerServices;
using LibMultipath.Block;
using LibMultipath.Reclamation;

namespace LibMultipath.Paths;

public sealed partial class MpathHead
{
    /// <summary>The distance of a node to itself (<c>LOCAL_DISTANCE</c>).</summary>
    internal const int LocalDistance = 10;

    private readonly CurrentPath[] _current;

    /// <summary>
    /// Selects a path as the next I/O would, and keeps it from going until the result is disposed: for commands that
    /// are not bios, and for watching what a policy does.
    /// </summary>
    /// <returns>The selection; without a path when none is usable (EWOULDBLOCK). Dispose it on the same thread.</returns>
    public PathSelection SelectPath()
    {
        SrcuToken token = Srcu.ReadLock();
        return new PathSelection(this, Selector.Select(this, CurrentNode, bio: null), token);
    }

    /// <summary>
    /// Calls back for the path that selection gives, inside a read section (<c>mpath_call_for_device</c>).
    /// </summary>
    /// <typeparam name="TState">What the callback needs.</typeparam>
    /// <param name="state">Passed to the call.</param>
    /// <param name="callback">Called once, if there is a path.</param>
    /// <exception cref="BlockException">No path is usable (EWOULDBLOCK, which is EAGAIN).</exception>
    public void ForOnePath<TState>(TState state, Action<MpathDevice, TState> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        using PathSelection selection = SelectPath();
        if (selection.Path is not { } path)
        {
            throw new BlockException(Errno.EAGAIN, $"{Name} has no usable path");
        }

        callback(path, state);
    }

    /// <summary>The current path of a node, if it has one (<c>current_path</c>).</summary>
    /// <param name="node">From 0 up to the highest possible node.</param>
    public MpathDevice? GetCurrentPath(int node)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)node, (uint)_current.Length, nameof(node));
        return Volatile.Read(ref _current[node].Path);
    }

    /// <summary>Forgets a path as the current one of every node (<c>nvme_mpath_clear_current_path</c>).</summary>
    /// <param name="path">The path.</param>
    /// <returns>Whether it was the current one of any.</returns>
    public bool ClearCurrentPath(MpathDevice path)
    {
        bool changed = false;
        for (int node = 0; node < _current.Length; node++)
        {
            if (ReferenceEquals(Interlocked.CompareExchange(ref _current[node].Path, null, path), path))
            {
                changed = true;
                TellForgotten(node, path);
            }
        }

        return changed;
    }

    /// <summary>How many nodes can have a current path.</summary>
    internal int NodeCount => _current.Length;

    /// <summary>The place where a node's current path is kept.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref MpathDevice? Current(int node) => ref _current[node].Path;

    /// <summary>The node that the calling thread runs on.</summary>
    internal int CurrentNode
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if (_current.Length == 1)
            {
                return 0;
            }

            int node = Topology.CurrentNode;
            return (uint)node < (uint)_current.Length ? node : 0;
        }
    }

    internal int DistanceTo(int node, int pathNode) =>
        pathNode >= 0 ? Topology.Distance(node, pathNode) : LocalDistance;

    internal void ClearAllCurrentPaths()
    {
        for (int node = 0; node < _current.Length; node++)
        {
            if (Interlocked.Exchange(ref _current[node].Path, null) is { } path)
            {
                TellForgotten(node, path);
            }
        }
    }

    private void TellForgotten(int node, MpathDevice path)
    {
        if (Hooks.CurrentPathChanged.IsAttached)
        {
            Raise(Hooks.CurrentPathChanged, new CurrentPathChangedArgs(node, path, null));
        }
    }

    /// <summary>Makes every online node look for its path again, under the lock (<c>nvme_mpath_set_live</c>).</summary>
    internal void ScanForEveryNode()
    {
        PathSelector selector = Selector;
        lock (_lock)
        {
            using (Srcu.Enter())
            {
                for (int node = 0; node < _current.Length; node++)
                {
                    if (Topology.IsOnline(node))
                    {
                        selector.Scan(this, node);
                    }
                }
            }
        }
    }
}
