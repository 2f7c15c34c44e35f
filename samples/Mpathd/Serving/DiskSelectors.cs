using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Selection;
using Mpathd.Control;
using Mpathd.Selectors;

namespace Mpathd.Serving;

/// <summary>The selectors that can be named, and the one that is attached to the disk, over its policy.</summary>
/// <remarks>One thread changes it; any may look. Changes block, for a grace period.</remarks>
internal sealed class DiskSelectors : IDisposable
{
    private readonly MpathSelectors _selectors = new();
    private readonly MpathHead _head;
    private readonly SelectorLibrary _library;
    private volatile Attached? _attached;

    /// <param name="head">The disk's.</param>
    /// <param name="library">What is loaded; disposed by its owner.</param>
    public DiskSelectors(MpathHead head, SelectorLibrary library)
    {
        _head = head;
        _library = library;
    }

    /// <summary>All that can be attached.</summary>
    public KnownSelector[] Known =>
    [
        .. IoPolicies.Definitions.Select(definition => new KnownSelector
        {
            Name = definition.Name,
            Summary = definition.Summary,
            Parameters = definition.Parameters.ToDictionary(parameter => $"{parameter.Key}={parameter.Default}", parameter => parameter.Summary),
            File = _library.FileOf(definition.Name),
        }),
    ];

    /// <summary>The one that is attached, or has come off; null if none was, or it was taken off.</summary>
    public SelectorStatus? Status => _attached is not { } attached ? null : new SelectorStatus
    {
        Name = attached.Name,
        Id = attached.Registration.Id,
        Attached = attached.Registration.IsAttached,
        Chosen = attached.Registration.Statistics.Chosen,
        Exceptions = attached.Registration.Statistics.Exceptions,
        BadAnswers = attached.Registration.Statistics.BadAnswers,
        Unusable = attached.Registration.Statistics.Unusable,
        OverBudget = attached.Registration.Statistics.OverBudget,
    };

    /// <summary>Attaches a selector.</summary>
    /// <returns>What was done, for people.</returns>
    /// <exception cref="MpathdException">There is no such selector, or one is attached that is to stay. Nothing has changed.</exception>
    public string Attach(SelectorRequest request)
    {
        string name = request.Name ?? throw MpathdException.WrongArguments("the request has no selector.name", "give selector.name");
        SelectorOptions options = OptionsOf(request);
        if (_attached is { Registration.IsAttached: true } there)
        {
            return request.Replace == true ? Replace(there, name, request.MaxFaults) : throw MpathdException.Failed(
                $"{there.Name} is attached already", "mpathd selector detach, or mpathd selector attach --replace");
        }

        // One that has come off may just be on its way.
        IMpathSelector selector = Create(name);
        _attached?.Registration.Dispose();
        SelectorRegistration? registration = null;
        Use(name, () => registration = _selectors.Register(selector, _head, options));
        _attached = new Attached(name, registration!);
        return $"attached: {name}";
    }

    /// <summary>Takes the selector off: the policy selects.</summary>
    /// <returns>What was done, for people.</returns>
    /// <exception cref="MpathdException">None is attached.</exception>
    public string Detach()
    {
        if (_attached is not { } attached)
        {
            throw MpathdException.Failed("no selector is attached", "mpathd selector attach NAME attaches one");
        }

        bool wasAttached = attached.Registration.IsAttached;
        attached.Registration.Dispose();
        _attached = null;
        return wasAttached ? $"detached: {attached.Name}" : $"detached: {attached.Name}, which had come off already";
    }

    /// <summary>Loads an assembly.</summary>
    /// <returns>What was done, for people.</returns>
    /// <exception cref="MpathdException">It cannot be used. Nothing has changed.</exception>
    public string Load(SelectorRequest request) =>
        $"loaded: {string.Join(", ", _library.Load(FileOf(request)).Selectors)}";

    /// <summary>Unloads one.</summary>
    /// <returns>What was done, for people.</returns>
    /// <exception cref="MpathdException">It is not loaded, or is in use. Nothing has changed.</exception>
    public string Unload(SelectorRequest request)
    {
        string file = FileOf(request);
        bool isGone = _library.Unload(file, InUse());
        return isGone ? $"unloaded: {file}" : $"unloaded: {file}; what it has left behind in memory goes when nothing refers to it any more";
    }

    public void Dispose()
    {
        _attached?.Registration.Dispose();
        _attached = null;
    }

    private static string FileOf(SelectorRequest request)
    {
        string file = request.File ?? throw MpathdException.WrongArguments("the request has no selector.file", "give selector.file");
        return Path.IsPathFullyQualified(file) ? file : throw MpathdException.WrongArguments(
            $"'{file}' is not the full name of a file", "give one that begins with /: the daemon is in another folder");
    }

    private static SelectorOptions OptionsOf(SelectorRequest request) => request.MaxFaults switch
    {
        null => new SelectorOptions(),
        >= 0 and { } faults => new SelectorOptions { MaxFaults = faults },
        { } faults => throw MpathdException.WrongArguments($"{faults} is no number of faults", "give one from 0, which is never"),
    };

    private static IMpathSelector Create(string name)
    {
        try
        {
            // The parser takes off one end of a line, and here there is none to be.
            return IoPolicies.CreateSelector(name + '\n');
        }
        catch (ArgumentException exception)
        {
            throw MpathdException.WrongArguments(exception.Message, "mpathd selector list shows what there is");
        }
        catch (Exception exception)
        {
            throw CannotBeUsed(name, exception);
        }
    }

    private static void Use(string name, Action use)
    {
        try
        {
            use();
        }
        catch (BlockException exception)
        {
            throw MpathdException.Failed(exception.Message, "look with mpathd status", exception);
        }
        catch (Exception exception) when (exception is not ObjectDisposedException)
        {
            throw CannotBeUsed(name, exception);
        }
    }

    // Of an assembly that was loaded: anything.
    private static MpathdException CannotBeUsed(string name, Exception exception) =>
        MpathdException.Failed($"{name} cannot be used: {ForeignException.MessageOf(exception)}", "see to its assembly", exception);

    private string Replace(Attached there, string name, int? maxFaults)
    {
        if (maxFaults is not null)
        {
            throw MpathdException.WrongArguments("a selector that takes another one's place has its limits", "leave --max-faults out, or detach the other one first");
        }

        IMpathSelector selector = Create(name);
        try
        {
            Use(name, () => there.Registration.Replace(selector));
        }
        catch (ObjectDisposedException exception)
        {
            throw MpathdException.Failed($"{there.Name} has just come off", "mpathd selector attach, without --replace", exception);
        }

        _attached = there with { Name = name };
        return $"attached: {name}, in the place of {there.Name}";
    }

    // The selector that has come off is kept too: its counters are shown.
    private IEnumerable<string> InUse() => new[] { _head.Policy.Selector.Name, _attached?.Name ?? "" }.Select(name => name.Split(':')[0]);

    private sealed record Attached(string Name, SelectorRegistration Registration);
}
