using LibMultipath.Paths;

namespace LibMultipath.Tests.Selection;

/// <summary>A path as the specification speaks of it.</summary>
internal sealed class NaivePath(int number, int node, NaiveController controller)
{
    public int Number { get; } = number;

    public int Node { get; } = node;

    public NaiveController Controller { get; } = controller;

    public MpathAccessState State { get; set; } = MpathAccessState.Optimized;

    public bool Ready { get; set; } = true;

    public bool Enabled => Ready && (Controller.State is MpathControllerState.Live or MpathControllerState.Deleting);

    public bool Optimized => Enabled && State == MpathAccessState.Optimized;

    public bool NonOptimized => Enabled && State == MpathAccessState.NonOptimized;
}

internal sealed class NaiveController
{
    public MpathControllerState State { get; set; } = MpathControllerState.Live;

    public int Load { get; set; }
}

/// <summary>
/// Selection, written down from the specification as slowly and plainly as it will go: the paths are a linked list, and
/// the policy is a name.
/// </summary>
internal sealed class NaiveHead(int nodes, Func<int, int, int> distance)
{
    public LinkedList<NaivePath> Paths { get; } = new();

    public NaivePath?[] Current { get; } = new NaivePath?[nodes];

    public string Policy { get; private set; } = "numa";

    public NaivePath? Select(int node) => Policy switch
    {
        "numa" => Numa(node),
        "round-robin" => RoundRobin(node),
        "queue-depth" => QueueDepth(),
        _ => throw new InvalidOperationException(Policy),
    };

    public void SetPolicy(string policy)
    {
        if (policy != Policy)
        {
            Policy = policy;
            Array.Clear(Current);
        }
    }

    /// <summary>Something made a path usable, or said again that it is.</summary>
    public void SetLive(NaivePath path)
    {
        if (path.Optimized)
        {
            for (int node = 0; node < nodes; node++)
            {
                Scan(node);
            }
        }
    }

    public void Remove(NaivePath path)
    {
        Forget(path);
        Paths.Remove(path);
    }

    public void Forget(NaivePath path)
    {
        for (int node = 0; node < nodes; node++)
        {
            if (Current[node] == path)
            {
                Current[node] = null;
            }
        }
    }

    private NaivePath? Scan(int node)
    {
        int Distance(NaivePath path) => Policy == "numa" && path.Node >= 0 ? distance(node, path.Node) : 10;

        // MinBy keeps the first of those that are equal.
        NaivePath? best = Paths.Where(path => path.Optimized).MinBy(Distance) ?? Paths.Where(path => path.NonOptimized).MinBy(Distance);
        if (best is not null)
        {
            Current[node] = best;
        }

        return best;
    }

    private NaivePath? Numa(int node) => Current[node] is { Optimized: true } current ? current : Scan(node);

    private NaivePath? RoundRobin(int node)
    {
        if (Current[node] is not { } current)
        {
            return Scan(node);
        }

        if (Paths.Count == 1)
        {
            NaivePath only = Paths.First!.Value;
            return only.Optimized || only.NonOptimized ? only : null;
        }

        NaivePath? lastNonOptimized = null;
        LinkedListNode<NaivePath> start = Paths.Find(current)!;
        for (LinkedListNode<NaivePath> next = start.Next ?? Paths.First!; next != start; next = next.Next ?? Paths.First!)
        {
            if (next.Value.Optimized)
            {
                Current[node] = next.Value;
                return next.Value;
            }

            if (next.Value.NonOptimized)
            {
                lastNonOptimized = next.Value;
            }
        }

        if (current.Optimized || (current.NonOptimized && lastNonOptimized is null))
        {
            return current;
        }

        if (lastNonOptimized is not null)
        {
            Current[node] = lastNonOptimized;
        }

        return lastNonOptimized;
    }

    private NaivePath? QueueDepth() =>
        Paths.Where(path => path.Optimized).MinBy(path => path.Controller.Load)
        ?? Paths.Where(path => path.NonOptimized).MinBy(path => path.Controller.Load);
}
