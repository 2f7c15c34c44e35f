namespace LibMultipath.Paths;

/// <summary>
/// What one target is (an NVMe subsystem, or its SCSI equivalent): a name, the policy that its heads share, and its
/// heads by namespace id. It keeps no reference to them: a head that is gone is not found.
/// </summary>
/// <remarks>All members may be used on any thread.</remarks>
public sealed class MpathSubsystem
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<uint, MpathHead> _heads = [];

    // Those that are going too, as long as they may have I/O: what is attached to all heads is attached to them.
    private readonly HashSet<MpathHead> _living = [];
    private SelectorAttachment? _selector;

    /// <summary>Makes a subsystem without heads.</summary>
    /// <param name="nqn">The NVMe qualified name, or what identifies a SCSI target. Not empty.</param>
    /// <param name="policy">What its heads share.</param>
    public MpathSubsystem(string nqn, MpathIoPolicy policy)
    {
        ArgumentException.ThrowIfNullOrEmpty(nqn);
        ArgumentNullException.ThrowIfNull(policy);
        Nqn = nqn;
        Policy = policy;
    }

    /// <summary>The NVMe qualified name (<c>subsysnqn</c>).</summary>
    public string Nqn { get; }

    /// <summary>The policy of its heads.</summary>
    public MpathIoPolicy Policy { get; }

    /// <summary>Its heads now, by namespace id.</summary>
    public IReadOnlyList<MpathHead> Heads
    {
        get
        {
            lock (_lock)
            {
                return [.. _heads.Values];
            }
        }
    }

    /// <summary>Makes a head of this subsystem.</summary>
    /// <param name="namespaceId">Not used by another head of it (<c>nsid</c>); not 0.</param>
    /// <param name="template">The driver's part; its policy object is the subsystem's.</param>
    /// <param name="options">What it takes from its surroundings; null for the defaults.</param>
    /// <exception cref="ArgumentException">The id is 0 or in use, or the template has another policy.</exception>
    public MpathHead CreateHead(uint namespaceId, IMpathHeadTemplate template, MpathHeadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(template);
        ArgumentOutOfRangeException.ThrowIfZero(namespaceId);
        if (!ReferenceEquals(template.Policy, Policy))
        {
            throw new ArgumentException($"The template's policy is not the one that the heads of {Nqn} share.", nameof(template));
        }

        lock (_lock)
        {
            if (_heads.ContainsKey(namespaceId))
            {
                throw new ArgumentException($"{Nqn} has a head with the namespace id {namespaceId} already.", nameof(namespaceId));
            }

            var head = new MpathHead($"{Nqn}/{namespaceId}", template, options) { Subsystem = this, NamespaceId = namespaceId };
            if (_selector is not null)
            {
                head.SetSharedSelector(_selector);
            }

            _heads.Add(namespaceId, head);
            _living.Add(head);
            return head;
        }
    }

    /// <summary>Finds a head and takes a reference to it, which the caller gives back with <see cref="MpathHead.Put"/>.</summary>
    /// <param name="namespaceId">Its namespace id.</param>
    /// <returns>Null if there is none, or it is going.</returns>
    public MpathHead? TryGetHead(uint namespaceId)
    {
        lock (_lock)
        {
            return _heads.TryGetValue(namespaceId, out MpathHead? head) && head.TryGet() ? head : null;
        }
    }

    /// <summary>Puts a selector in the place of the one that was attached to all heads, present and future.</summary>
    /// <param name="old">What is there; null if nothing is.</param>
    /// <param name="attachment">What is to be there; null for nothing.</param>
    /// <returns>False if something else was there, and still is.</returns>
    internal bool TryExchangeSelector(SelectorAttachment? old, SelectorAttachment? attachment)
    {
        lock (_lock)
        {
            if (!ReferenceEquals(_selector, old))
            {
                return false;
            }

            _selector = attachment;
            foreach (MpathHead head in _living)
            {
                head.SetSharedSelector(attachment);
            }

            return true;
        }
    }

    /// <summary>Returns when nobody selects any more in a way that was changed before.</summary>
    internal void WaitForSelections()
    {
        MpathHead[] heads;
        lock (_lock)
        {
            heads = [.. _living];
        }

        foreach (MpathHead head in heads)
        {
            head.WaitForSelections();
        }
    }

    /// <summary>The head is gone, and has no I/O.</summary>
    internal void Release(MpathHead head)
    {
        lock (_lock)
        {
            _living.Remove(head);
        }
    }

    /// <summary>The head is going, and is found no more.</summary>
    internal void Forget(MpathHead head)
    {
        lock (_lock)
        {
            if (_heads.TryGetValue(head.NamespaceId, out MpathHead? known) && ReferenceEquals(known, head))
            {
                _heads.Remove(head.NamespaceId);
            }
        }
    }
}
