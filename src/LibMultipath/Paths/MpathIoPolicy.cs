namespace LibMultipath.Paths;

/// <summary>
/// How paths are selected, for all heads that share this object (an NVMe subsystem's <c>iopolicy</c>).
/// </summary>
/// <remarks>All members may be used on any thread.</remarks>
public sealed class MpathIoPolicy
{
    private readonly Lock _lock = new();
    private readonly List<MpathHead> _heads = [];
    private PathSelector _selector;

    /// <summary>Makes a policy that no head uses yet.</summary>
    /// <param name="selector">How to select.</param>
    public MpathIoPolicy(PathSelector selector)
    {
        ArgumentNullException.ThrowIfNull(selector);
        _selector = selector;
    }

    /// <summary>How paths are selected now.</summary>
    public PathSelector Selector => Volatile.Read(ref _selector);

    /// <summary>
    /// Selects in another way from now on: the current paths of every head that uses this policy are forgotten, and
    /// I/O that waits is tried again. Setting what is set does nothing. Blocks for a grace period of each head.
    /// </summary>
    /// <param name="selector">How to select.</param>
    /// <exception cref="ArgumentException">The transport of a head does not allow it (EINVAL). Nothing has changed.</exception>
    public void Set(PathSelector selector)
    {
        ArgumentNullException.ThrowIfNull(selector);
        List<(MpathHead Head, PathSelector Selector)> heads = [];
        PathSelector old;
        lock (_lock)
        {
            old = _selector;
            if (old.IsSame(selector) && !_heads.Exists(head => head.HasPolicyEnded))
            {
                return;
            }

            foreach (MpathHead head in _heads)
            {
                ThrowIfNotAllowed(head, selector);
            }

            // First, because making one may throw.
            foreach (MpathHead head in _heads)
            {
                heads.Add((head, selector.For(head)));
            }

            heads.RemoveAll(each => !each.Head.TryGet());
            Volatile.Write(ref _selector, selector);
        }

        try
        {
            foreach ((MpathHead head, PathSelector here) in heads)
            {
                head.OnPolicyChanged(old, selector, here);
            }

            // One line, however many heads share the policy.
            if (heads is [(MpathHead first, _), ..])
            {
                first.Logger.PolicyChanged(first.Subsystem?.Nqn ?? first.Name, old.Name, selector.Name);
            }
        }
        finally
        {
            heads.ForEach(each => each.Head.Put());
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Selector.Name;

    /// <summary>Whether every head that uses this may select paths in such a way.</summary>
    internal bool Allows(PathSelector selector)
    {
        lock (_lock)
        {
            return _heads.TrueForAll(head => Allows(head, selector));
        }
    }

    internal void AddHead(MpathHead head)
    {
        lock (_lock)
        {
            ThrowIfNotAllowed(head, _selector);
            _heads.Add(head);
        }
    }

    internal void RemoveHead(MpathHead head)
    {
        lock (_lock)
        {
            _heads.Remove(head);
        }
    }

    private static bool Allows(MpathHead head, PathSelector selector) => head.Template is not IMpathPolicyFilter filter || filter.Allows(selector);

    private static void ThrowIfNotAllowed(MpathHead head, PathSelector selector)
    {
        if (!Allows(head, selector))
        {
            throw new ArgumentException($"The transport of {head.Name} does not allow the policy '{selector.Name}' (EINVAL).", nameof(selector));
        }
    }
}
