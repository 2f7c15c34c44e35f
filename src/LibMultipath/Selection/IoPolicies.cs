using System.Diagnostics.CodeAnalysis;
using LibMultipath.Paths;

namespace LibMultipath.Selection;

/// <summary>The policies that there are, by name, and the one that new heads get (<c>nvme_core.iopolicy</c>).</summary>
public static class IoPolicies
{
    private static readonly PathSelector[] s_all = [new NumaSelector(), new RoundRobinSelector(), new QueueDepthSelector()];
    private static PathSelector s_default = Numa;

    /// <summary><c>numa</c>: the optimized path nearest to the node of the submitter.</summary>
    public static PathSelector Numa => s_all[0];

    /// <summary><c>round-robin</c>: the optimized paths in turn.</summary>
    public static PathSelector RoundRobin => s_all[1];

    /// <summary><c>queue-depth</c>: the path with the fewest I/Os in flight.</summary>
    public static PathSelector QueueDepth => s_all[2];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<PathSelector> All => s_all;

    /// <summary>What <see cref="Create()"/> uses, for the whole process. At first <c>numa</c>.</summary>
    /// <exception cref="ArgumentNullException">It is set to null.</exception>
    public static PathSelector Default
    {
        get => Volatile.Read(ref s_default);
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            Volatile.Write(ref s_default, value);
        }
    }

    /// <summary>Makes a policy object with the default of the process.</summary>
    public static MpathIoPolicy Create() => new(Default);

    /// <summary>Makes a policy object by name.</summary>
    /// <param name="name">As <see cref="Parse"/> takes it.</param>
    /// <exception cref="ArgumentException">There is no policy of that name.</exception>
    public static MpathIoPolicy Create(string name) => new(Parse(name));

    /// <summary>Finds a policy by its name, whole: no prefix, no other case. One newline at the end is allowed.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="ArgumentException">There is no policy of that name (EINVAL); the message lists those there are.</exception>
    public static PathSelector Parse(string name) => TryParse(name, out PathSelector? selector)
        ? selector
        : throw new ArgumentException($"There is no policy '{name?.TrimEnd('\n')}' (EINVAL); there are {string.Join(", ", s_all.Select(each => each.Name))}.", nameof(name));

    /// <summary>Finds a policy by its name, as <see cref="Parse"/> does; false if there is none.</summary>
    /// <param name="name">The name.</param>
    /// <param name="selector">The policy.</param>
    public static bool TryParse([NotNullWhen(true)] string? name, [NotNullWhen(true)] out PathSelector? selector)
    {
        ReadOnlySpan<char> wanted = name;
        if (wanted.EndsWith("\n"))
        {
            wanted = wanted[..^1];
        }

        foreach (PathSelector each in s_all)
        {
            if (wanted.SequenceEqual(each.Name))
            {
                selector = each;
                return true;
            }
        }

        selector = null;
        return false;
    }
}
