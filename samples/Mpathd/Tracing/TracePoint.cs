using LibMultipath.Paths;

namespace Mpathd.Tracing;

/// <summary>A hook point of the disk, by its name.</summary>
internal sealed class TracePoint
{
    private readonly Func<MpathHooks, TracePoint, Action<TraceEvent>, IDisposable> _attach;

    private TracePoint(string name, bool isOfEveryIo, Func<MpathHooks, TracePoint, Action<TraceEvent>, IDisposable> attach)
    {
        Name = name;
        IsOfEveryIo = isOfEveryIo;
        _attach = attach;
    }

    /// <summary>All there are, in the order in which an I/O comes to them.</summary>
    public static IReadOnlyList<TracePoint> All { get; } =
    [
        new("bio-submitted", true, (hooks, point, tell) => hooks.BioSubmitted.Attach((scoped in args) => tell(TraceEvent.Of(point, args.Bio)))),
        new("bio-remapped", true, (hooks, point, tell) => hooks.BioRemapped.Attach((scoped in args) =>
            tell(TraceEvent.Of(point, args.Bio) with { Path = args.Path }))),
        new("attempt-ended", true, (hooks, point, tell) => hooks.AttemptEnded.Attach((scoped in args) =>
            tell(TraceEvent.Of(point, args.Bio) with { Path = args.Path, Outcome = args.Outcome, Status = args.Status }))),
        new("bio-ended", true, (hooks, point, tell) => hooks.BioEnded.Attach((scoped in args) =>
            tell(TraceEvent.Of(point, args.Bio) with { Status = args.Status }))),
        new("bio-requeued", false, (hooks, point, tell) => hooks.BioRequeued.Attach((scoped in args) => tell(TraceEvent.Of(point, args.Bio)))),
        new("failed-over", false, (hooks, point, tell) => hooks.FailedOver.Attach((scoped in args) =>
            tell(TraceEvent.Of(point, args.Bio) with { Path = args.Path, Status = args.Status }))),
        new("path-state-changed", false, (hooks, point, tell) => hooks.PathStateChanged.Attach((scoped in args) =>
            tell(new TraceEvent(point, DateTime.UtcNow) { Path = args.Path, AccessState = args.Path.AccessState, Usable = args.Path.IsUsable }))),
        new("current-path-changed", false, (hooks, point, tell) => hooks.CurrentPathChanged.Attach((scoped in args) =>
            tell(new TraceEvent(point, DateTime.UtcNow) { Node = args.Node, OldPath = args.Old, Path = args.New }))),
        new("policy-changed", false, (hooks, point, tell) => hooks.PolicyChanged.Attach((scoped in args) =>
            tell(new TraceEvent(point, DateTime.UtcNow) { OldPolicy = args.Old, Policy = args.New }))),
        new("removal-scheduled", false, (hooks, point, tell) => hooks.RemovalScheduled.Attach((scoped in args) =>
            tell(new TraceEvent(point, DateTime.UtcNow) { Seconds = args.Seconds }))),
        new("removal-cancelled", false, (hooks, point, tell) => hooks.RemovalCancelled.Attach((scoped in args) => tell(new TraceEvent(point, DateTime.UtcNow)))),
    ];

    /// <summary>The name of all of them.</summary>
    public const string AllName = "all";

    /// <summary>In words: <c>bio-remapped</c>.</summary>
    public string Name { get; }

    /// <summary>Whether every I/O comes to it, also one that nothing happens to.</summary>
    public bool IsOfEveryIo { get; }

    /// <summary>Finds points by their names.</summary>
    /// <param name="names"><c>all</c> for all of them; none for those that not every I/O comes to.</param>
    /// <exception cref="FormatException">There is no such point.</exception>
    public static TracePoint[] Find(IReadOnlyCollection<string> names) => names.Count == 0
        ? [.. All.Where(point => !point.IsOfEveryIo)]
        : [.. names.SelectMany(FindOne).Distinct()];

    /// <summary>Attaches to it. What is called is called in the way of the I/O, and must not block.</summary>
    public IDisposable Attach(MpathHooks hooks, Action<TraceEvent> tell) => _attach(hooks, this, tell);

    private static IEnumerable<TracePoint> FindOne(string name)
    {
        TracePoint[] found = [.. All.Where(point => name == AllName || point.Name == name)];
        return found.Length > 0 ? found : throw new FormatException(
            $"there is no point '{name}'; give {AllName} or one of {string.Join(", ", All.Select(point => point.Name))}");
    }
}
