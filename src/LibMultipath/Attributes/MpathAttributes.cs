using System.Globalization;
using LibMultipath.Block;
using LibMultipath.Paths;

namespace LibMultipath.Attributes;

/// <summary>
/// What the kernel's sysfs shows of a multipath disk, as a tree of named texts: <c>iopolicy</c>, <c>delayed_removal_secs</c>,
/// the failure times and the group <c>diag</c> of the head, a group <c>path/N</c> for each path, N being its <see cref="MpathDevice.Number"/>, and
/// the group <c>multipath</c> with a link to each path under its name. A driver adds its own with <see cref="IMpathDeviceGroups"/>.
/// </summary>
/// <remarks>
/// All members may be used on any thread. I/O does not know of it. It keeps no reference to the head; of a head that is gone
/// it shows what it was last.
/// </remarks>
public sealed class MpathAttributes : IDisposable
{
    private readonly MpathHead _head;
    private readonly ShownPaths _shown;
    private readonly LogRateLimit _driverLimit = new();

    /// <summary>Makes the tree of a head.</summary>
    /// <param name="head">The head.</param>
    public MpathAttributes(MpathHead head)
    {
        ArgumentNullException.ThrowIfNull(head);
        _head = head;
        _shown = new ShownPaths(head);
        IReadOnlyList<MpathAttributeNode> own =
        [
            .. HeadAttributes.Of(head),
            new MpathAttributeGroup(AttributeNames.Multipath, () => [.. _shown.Links.Select(link => new MpathAttributeLink(link.Name, NameOf(link.Path)))]),
            new MpathAttributeGroup(AttributeNames.Path, () => [.. _head.PathList.Select(GroupOf)]),
        ];
        Root = new MpathAttributeGroup(MpathAttributeNode.Flatten(head.Name), () => WithDrivers(own, head.Name, driver => driver.AttributesOf(head)));
        head.Changed += OnHeadChanged;
        _shown.AddLinks();
    }

    /// <summary>
    /// An attribute has changed, or a group or a link has come or gone; the argument is its full name. Raised on the thread
    /// that changed it, outside of the library's locks and read sections: a handler that blocks delays whoever changed it.
    /// What a handler throws is logged.
    /// </summary>
    /// <remarks>
    /// Told are <c>iopolicy</c> (<c>queue_depth</c> and <c>numa_nodes</c> depend on it), <c>delayed_removal_secs</c>,
    /// <c>reconnect_delay</c>, <c>fast_io_fail_tmo</c>, <c>ctrl_loss_tmo</c> (of each path too for which another time holds),
    /// <c>path/N/access_state</c>, <c>path/N</c>, <c>multipath/NAME</c>, and a counter that was stored. What I/O changes is
    /// not told.
    /// </remarks>
    public event Action<string>? Changed;

    /// <summary>All there is.</summary>
    public MpathAttributeGroup Root { get; }

    /// <summary>Finds what has a name, such as <c>path/0/access_state</c>. Links on the way to it are followed.</summary>
    /// <param name="name">The full name.</param>
    /// <exception cref="BlockException">There is none (ENOENT); the message says what there is.</exception>
    public MpathAttributeNode Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        MpathAttributeNode found = Root;
        foreach (string part in name.Split('/'))
        {
            IReadOnlyList<MpathAttributeNode> entries = (Follow(found) as MpathAttributeGroup)?.Entries ?? [];
            found = entries.FirstOrDefault(entry => entry.Name == part)
                ?? throw new BlockException(Errno.ENOENT, $"there is no attribute '{name}'; {(entries.Count == 0 ? $"nothing is in {found}" : $"in {found} there are {string.Join(", ", entries)}")}");
        }

        return found;
    }

    /// <summary>Reads an attribute.</summary>
    /// <param name="name">Its full name.</param>
    /// <returns>As <see cref="MpathAttribute.Show"/>.</returns>
    /// <exception cref="BlockException">There is none (ENOENT), it is a group (EISDIR), or it cannot be read.</exception>
    public string Show(string name) => FindAttribute(name).Show();

    /// <summary>Writes an attribute.</summary>
    /// <param name="name">Its full name.</param>
    /// <param name="text">As <see cref="MpathAttribute.Store"/> takes it.</param>
    /// <exception cref="BlockException">There is none (ENOENT), it is a group (EISDIR), or it does not take the text. Nothing has changed.</exception>
    public void Store(string name, string text) => FindAttribute(name).Store(text);

    /// <summary>Everything with its full name, a group before what is in it. Links are not followed.</summary>
    public IEnumerable<(string Name, MpathAttributeNode Node)> Walk() => Walk(Root, "");

    /// <summary>Tells of no change any more. What there is can still be read and written.</summary>
    public void Dispose() => _head.Changed -= OnHeadChanged;

    private static IEnumerable<(string Name, MpathAttributeNode Node)> Walk(MpathAttributeGroup group, string prefix)
    {
        foreach (MpathAttributeNode entry in group.Entries)
        {
            string name = prefix + entry.Name;
            yield return (name, entry);
            if (entry is MpathAttributeGroup inner)
            {
                foreach ((string, MpathAttributeNode) each in Walk(inner, name + "/"))
                {
                    yield return each;
                }
            }
        }
    }

    private static string NameOf(MpathDevice path) => string.Create(CultureInfo.InvariantCulture, $"{AttributeNames.Path}/{path.Number}");

    private MpathAttributeNode Follow(MpathAttributeNode node) => node is MpathAttributeLink link ? Find(link.Target) : node;

    private MpathAttribute FindAttribute(string name) => Follow(Find(name)) switch
    {
        MpathAttribute attribute => attribute,
        MpathAttributeGroup { Entries: var entries } => throw new BlockException(
            Errno.EISDIR, $"{name} is a group{(entries.Count == 0 ? " with nothing in it" : $"; in it there are {string.Join(", ", entries)}")}"),
        var other => throw new InvalidOperationException($"{other} is neither an attribute nor a group."),
    };

    private MpathAttributeGroup GroupOf(MpathDevice path)
    {
        string number = path.Number.ToString(CultureInfo.InvariantCulture);
        IReadOnlyList<MpathAttributeNode> own = PathAttributes.Of(path);
        return new MpathAttributeGroup(number, () => WithDrivers(own, path.Name, driver => driver.AttributesOf(path)));
    }

    private IReadOnlyList<MpathAttributeNode> WithDrivers(
        IReadOnlyList<MpathAttributeNode> own, string about, Func<IMpathDeviceGroups, IEnumerable<MpathAttributeNode>> ask)
    {
        if (_head.Template is not IMpathDeviceGroups driver)
        {
            return own;
        }

        try
        {
            return MpathAttributeGroup.Merge(own, ask(driver));
        }
        catch (Exception exception)
        {
            if (_driverLimit.TryTake(out int suppressed))
            {
                _head.Logger.DriverThrew(exception, _head.Name, about, suppressed);
            }

            return own;
        }
    }

    private void OnHeadChanged(HeadChange change, MpathDevice? path)
    {
        foreach (string name in NamesOf(change, path))
        {
            Tell(name);
        }
    }

    private IReadOnlyList<string> NamesOf(HeadChange change, MpathDevice? path)
    {
        return change switch
        {
            HeadChange.Policy => [AttributeNames.IoPolicy],
            HeadChange.DelayedRemovalSecs => [AttributeNames.DelayedRemovalSecs],
            HeadChange.ReconnectDelay => [OfHeadOrPath(AttributeNames.ReconnectDelay)],
            HeadChange.FastIoFail => [OfHeadOrPath(AttributeNames.FastIoFail)],
            HeadChange.Loss => [OfHeadOrPath(AttributeNames.Loss)],
            HeadChange.RequeueNoUsablePathCount => [$"{AttributeNames.Diag}/{AttributeNames.RequeueNoUsablePathCount}"],
            HeadChange.FailNoAvailablePathCount => [$"{AttributeNames.Diag}/{AttributeNames.FailNoAvailablePathCount}"],
            HeadChange.PathWeight => [OfPath(AttributeNames.Weight)],
            HeadChange.PathFailovers => [OfPath($"{AttributeNames.Diag}/{AttributeNames.FailoverCount}")],
            HeadChange.PathRetries => [OfPath($"{AttributeNames.Diag}/{AttributeNames.RetriesCount}")],
            HeadChange.PathErrors => [OfPath($"{AttributeNames.Diag}/{AttributeNames.ErrorCount}")],
            HeadChange.PathAdded => [NameOf(path!), .. AddLinks()],
            HeadChange.PathRemoved => [.. RemoveLink(path!), NameOf(path!), .. AddLinks()],
            HeadChange.PathState => [.. AddLinks(), .. _shown.StateHasChanged(path!) ? [OfPath(AttributeNames.AccessState)] : Array.Empty<string>()],
            _ => throw new ArgumentOutOfRangeException(nameof(change), change, "There is no such change."),
        };

        string OfHeadOrPath(string name) => path is null ? name : OfPath(name);

        string OfPath(string name) => $"{NameOf(path!)}/{name}";
    }

    private IEnumerable<string> AddLinks() => _shown.AddLinks().Select(LinkName);

    private IEnumerable<string> RemoveLink(MpathDevice path) => _shown.Remove(path) is { } link ? [LinkName(link)] : [];

    private static string LinkName(string link) => $"{AttributeNames.Multipath}/{link}";

    private void Tell(string name)
    {
        foreach (Action<string> handler in Delegate.EnumerateInvocationList(Changed))
        {
            try
            {
                handler(name);
            }
            catch (Exception exception)
            {
                _head.Logger.ListenerThrew(exception, _head.Name, name);
            }
        }
    }
}
