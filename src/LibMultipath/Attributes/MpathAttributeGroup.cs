namespace LibMultipath.Attributes;

/// <summary>Attributes under a common name (<c>struct attribute_group</c>), and groups of them.</summary>
public sealed class MpathAttributeGroup : MpathAttributeNode
{
    private readonly Func<IReadOnlyList<MpathAttributeNode>> _entries;

    /// <summary>Makes a group.</summary>
    /// <param name="name">Its name within the group that it is in.</param>
    /// <param name="entries">What is in it. Groups of one name become one group; of others of one name the first counts.</param>
    /// <exception cref="ArgumentException">It cannot have that name.</exception>
    public MpathAttributeGroup(string name, params IEnumerable<MpathAttributeNode> entries)
        : base(name)
    {
        IReadOnlyList<MpathAttributeNode> all = Merge([], entries);
        _entries = () => all;
    }

    internal MpathAttributeGroup(string name, Func<IReadOnlyList<MpathAttributeNode>> entries)
        : base(name) => _entries = entries;

    /// <summary>What is in it now.</summary>
    public IReadOnlyList<MpathAttributeNode> Entries => _entries();

    /// <summary>All entries of both; what has a name that is in use is left out, unless two groups can become one.</summary>
    internal static IReadOnlyList<MpathAttributeNode> Merge(IReadOnlyList<MpathAttributeNode> first, IEnumerable<MpathAttributeNode> second)
    {
        List<MpathAttributeNode> merged = [.. first];
        foreach (MpathAttributeNode entry in second)
        {
            int same = merged.FindIndex(each => each.Name == entry.Name);
            if (same < 0)
            {
                merged.Add(entry);
            }
            else if (merged[same] is MpathAttributeGroup one && entry is MpathAttributeGroup other)
            {
                merged[same] = new MpathAttributeGroup(one.Name, () => Merge(one.Entries, other.Entries));
            }
        }

        return merged;
    }
}
