using System.Diagnostics.CodeAnalysis;
using LibMultipath.Paths;

namespace LibMultipath.Selection;

/// <summary>
/// The policies that there are, by name, and the one that new heads get (<c>nvme_core.iopolicy</c>): those of Linux, and
/// those that selectors are registered for, here or by the program.
/// </summary>
/// <remarks>
/// <para>A name may be followed by parameters: <c>name:key=value,key=value</c>.</para>
/// <para>All members may be used on any thread.</para>
/// </remarks>
public static class IoPolicies
{
    private static readonly Lock s_lock = new();
    private static readonly PathSelector[] s_builtIn = [new NumaSelector(), new RoundRobinSelector(), new QueueDepthSelector()];
    private static PathSelector[] s_all =
    [
        .. s_builtIn,
        .. new[]
        {
            ServiceTimeSelector.Definition, HistoricalServiceTimeSelector.Definition, IoAffinitySelector.Definition,
            WeightedRoundRobinSelector.Definition, StripeSelector.Definition, LatencySelector.Definition,
        }.Select(definition => WithDefaults(definition, isOurs: true)),
    ];

    private static PathSelector s_default = Numa;

    /// <summary><c>numa</c>: the optimized path nearest to the node of the submitter.</summary>
    public static PathSelector Numa => s_builtIn[0];

    /// <summary><c>round-robin</c>: the optimized paths in turn.</summary>
    public static PathSelector RoundRobin => s_builtIn[1];

    /// <summary><c>queue-depth</c>: the path with the fewest I/Os in flight.</summary>
    public static PathSelector QueueDepth => s_builtIn[2];

    /// <summary>All of them, with the defaults of their parameters.</summary>
    public static IReadOnlyList<PathSelector> All => Volatile.Read(ref s_all);

    /// <summary>The selectors that are registered, and their parameters.</summary>
    public static IReadOnlyList<SelectorDefinition> Definitions =>
        [.. Volatile.Read(ref s_all).OfType<NamedSelector>().Select(each => each.Definition)];

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
    /// <exception cref="ArgumentException">There is no policy of that name, or it has no such parameter.</exception>
    public static MpathIoPolicy Create(string name) => new(Parse(name));

    /// <summary>Makes a selector known by its name, to every head of the process.</summary>
    /// <param name="definition">The selector.</param>
    /// <returns>Dispose it to make the name unknown again. Heads that select so go on.</returns>
    /// <exception cref="ArgumentException">
    /// The name is in use, or no name; or a parameter is none. Nothing has changed.
    /// </exception>
    public static IDisposable Register(SelectorDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        ArgumentNullException.ThrowIfNull(definition.Summary, nameof(definition));
        ArgumentNullException.ThrowIfNull(definition.Parameters, nameof(definition));
        ArgumentNullException.ThrowIfNull(definition.Create, nameof(definition));
        ThrowIfNoName(definition.Name);
        foreach (SelectorParameter parameter in definition.Parameters)
        {
            ArgumentNullException.ThrowIfNull(parameter.Summary, nameof(definition));
            ThrowIfNoName(parameter.Key);
            ThrowIfNoNumber(parameter);
        }

        PathSelector selector = WithDefaults(definition, isOurs: false);
        lock (s_lock)
        {
            if (s_all.Any(each => each.Name == definition.Name))
            {
                throw new ArgumentException($"There is a policy '{definition.Name}' already.", nameof(definition));
            }

            Volatile.Write(ref s_all, [.. s_all, selector]);
        }

        return new Registration(selector);
    }

    /// <summary>
    /// Finds a policy by its name, whole: no prefix, no other case; and its parameters, if any. One newline at the end is
    /// allowed.
    /// </summary>
    /// <param name="name">The name.</param>
    /// <exception cref="ArgumentException">
    /// There is no policy of that name, or it has no such parameter (EINVAL); the message lists those there are.
    /// </exception>
    public static PathSelector Parse(string name) =>
        TryParse(name, out PathSelector? selector, out string? error) ? selector : throw new ArgumentException($"{error} (EINVAL)", nameof(name));

    /// <summary>Finds a policy by its name, as <see cref="Parse"/> does; false if there is none.</summary>
    /// <param name="name">The name.</param>
    /// <param name="selector">The policy.</param>
    public static bool TryParse([NotNullWhen(true)] string? name, [NotNullWhen(true)] out PathSelector? selector) =>
        TryParse(name, out selector, out _);

    /// <summary>Finds a policy by its name, as <see cref="Parse"/> does, or says why there is none.</summary>
    /// <param name="name">The name.</param>
    /// <param name="selector">The policy.</param>
    /// <param name="error">What is wrong, and what there is.</param>
    public static bool TryParse(
        [NotNullWhen(true)] string? name,
        [NotNullWhen(true)] out PathSelector? selector,
        [NotNullWhen(false)] out string? error)
    {
        string text = name ?? "";
        text = text.EndsWith('\n') ? text[..^1] : text;
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string wanted = colon < 0 ? text : text[..colon];
        PathSelector[] all = Volatile.Read(ref s_all);
        selector = Array.Find(all, each => each.Name == wanted);
        error = selector is null ? $"there is no policy '{wanted}'; give one of {string.Join(", ", all.Select(each => each.Name))}" : null;
        if (error is null && colon >= 0)
        {
            selector = WithParameters(selector!, text, colon + 1, out error);
        }

        return error is null;
    }

    /// <summary>Makes a selector by its name, as <see cref="Parse"/> reads it, to be attached with <see cref="MpathSelectors"/>.</summary>
    /// <param name="name">The name, and its parameters.</param>
    /// <exception cref="ArgumentException">
    /// There is no such selector, or it has no such parameter; or it is one of Linux's policies, which are no selectors.
    /// </exception>
    public static IMpathSelector CreateSelector(string name)
    {
        PathSelector policy = Parse(name);
        return policy is NamedSelector named
            ? named.Create()
            : throw new ArgumentException($"'{policy.Name}' is a policy, and cannot be attached; give one of {string.Join(", ", Definitions.Select(each => each.Name))}", nameof(name));
    }

    private static PathSelector? WithParameters(PathSelector selector, string text, int start, out string? error)
    {
        if (selector is not NamedSelector { Definition: { } definition } named)
        {
            error = $"{selector.Name} takes no parameters; leave out '{text[(start - 1)..]}'";
            return null;
        }

        return SelectorParameters.TryParse(definition, text[start..], out SelectorParameters? parameters, out error)
            ? new NamedSelector(text, definition, parameters, named.IsOurs)
            : null;
    }

    private static PathSelector WithDefaults(SelectorDefinition definition, bool isOurs) =>
        SelectorParameters.TryParse(definition, "", out SelectorParameters? defaults, out string? error)
            ? new NamedSelector(definition.Name, definition, defaults, isOurs)
            : throw new ArgumentException(error, nameof(definition));

    private static void ThrowIfNoName(string name)
    {
        if (string.IsNullOrEmpty(name) || name.Any(each => each is ':' or ',' or '=' || char.IsWhiteSpace(each)))
        {
            throw new ArgumentException($"'{name}' cannot be a name: it must not be empty, nor have ':', ',', '=' or white space in it.", nameof(name));
        }
    }

    private static void ThrowIfNoNumber(SelectorParameter parameter)
    {
        if (parameter.Multiple < 1 || parameter.Default < parameter.Least || parameter.Default > parameter.Most || parameter.Default % parameter.Multiple != 0)
        {
            throw new ArgumentException(
                $"The default of '{parameter.Key}' is {parameter.Default}: it must be from {parameter.Least} to {parameter.Most}, and a multiple of {parameter.Multiple}, which must be above 0.",
                nameof(parameter));
        }
    }

    private sealed class Registration(PathSelector selector) : IDisposable
    {
        public void Dispose()
        {
            lock (s_lock)
            {
                Volatile.Write(ref s_all, [.. s_all.Where(each => !ReferenceEquals(each, selector))]);
            }
        }
    }
}
