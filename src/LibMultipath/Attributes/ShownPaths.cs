using LibMultipath.Paths;

namespace LibMultipath.Attributes;

/// <summary>What is shown of a head's paths at the time: the links to them, and their access states.</summary>
internal sealed class ShownPaths
{
    private readonly MpathHead _head;
    private readonly Lock _lock = new();
    private readonly Dictionary<MpathDevice, Shown> _paths = [];

    public ShownPaths(MpathHead head) => _head = head;

    /// <summary>The links there are, in order of addition of their paths.</summary>
    public IReadOnlyList<(string Name, MpathDevice Path)> Links
    {
        get
        {
            lock (_lock)
            {
                return [.. _paths.Where(each => each.Value.Link is not null).OrderBy(each => each.Key.Number).Select(each => (each.Value.Link!, each.Key))];
            }
        }
    }

    /// <summary>
    /// Makes the links that are missing (<c>nvme_mpath_add_sysfs_link</c>), those to paths that cannot be used too. One that
    /// cannot be made is logged, and tried again at the next call.
    /// </summary>
    /// <returns>Those that were made.</returns>
    public IReadOnlyList<string> AddLinks()
    {
        List<string> made = [];

        // The list is read under the lock: a path that leaves it later is taken off here later as well.
        lock (_lock)
        {
            foreach (MpathDevice path in _head.PathList)
            {
                Shown shown = ShownOf(path);
                if (shown.Link is null && TryName(path, out string name))
                {
                    shown.Link = name;
                    made.Add(name);
                }
            }
        }

        return made;
    }

    /// <summary>A path has left the list: its link goes too.</summary>
    /// <returns>The link; null if there was none.</returns>
    public string? Remove(MpathDevice path)
    {
        lock (_lock)
        {
            return _paths.Remove(path, out Shown? shown) ? shown.Link : null;
        }
    }

    /// <summary>Takes note of a path's access state; true if it is another one than before.</summary>
    public bool StateHasChanged(MpathDevice path)
    {
        lock (_lock)
        {
            MpathAccessState state = path.AccessState;
            if (!_paths.TryGetValue(path, out Shown? shown) || shown.AccessState == state)
            {
                return false;
            }

            shown.AccessState = state;
            return true;
        }
    }

    private Shown ShownOf(MpathDevice path)
    {
        if (!_paths.TryGetValue(path, out Shown? shown))
        {
            shown = new Shown { AccessState = path.AccessState };
            _paths.Add(path, shown);
        }

        return shown;
    }

    private bool TryName(MpathDevice path, out string name)
    {
        string wanted = name = MpathAttributeNode.Flatten(path.Name);
        string? why = !MpathAttributeNode.IsName(wanted) ? "that is no name for a link"
            : _paths.Values.Any(each => each.Link == wanted) ? "another path has that name"
            : null;
        if (why is not null)
        {
            _head.Logger.NoLink(_head.Name, path.Name, why);
        }

        return why is null;
    }

    private sealed class Shown
    {
        public string? Link { get; set; }

        public MpathAccessState AccessState { get; set; }
    }
}
