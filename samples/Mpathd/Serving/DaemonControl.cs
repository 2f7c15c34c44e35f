using LibMultipath.Paths;
using LibMultipath.Selection;
using Mpathd.Control;
using Mpathd.Feeding;
using Mpathd.Paths;
using Mpathd.Tracing;

namespace Mpathd.Serving;

/// <summary>Turns the requests of clients into what is done to the disk.</summary>
internal sealed class DaemonControl : IControlHandler
{
    private readonly Daemon _daemon;
    private readonly ServedDisk _disk;
    private readonly ChangeQueue _changes;
    private readonly TimeSpan _limit;

    /// <summary>Makes the handler of a daemon.</summary>
    /// <param name="daemon">Tells its status, and is stopped.</param>
    /// <param name="disk">What is changed.</param>
    /// <param name="changes">Where; disposed by its owner.</param>
    /// <param name="limit">How long a client waits for a change.</param>
    public DaemonControl(Daemon daemon, ServedDisk disk, ChangeQueue changes, TimeSpan limit)
    {
        _daemon = daemon;
        _disk = disk;
        _changes = changes;
        _limit = limit;
    }

    public async Task<ControlAnswer> HandleAsync(ControlRequest request) => request.Verb switch
    {
        ControlVerbs.Status => new ControlAnswer { Ok = true, Status = StatusOf(request) },
        ControlVerbs.Get => new ControlAnswer { Ok = true, Attribute = _disk.Attributes.Get(NameOf(request)) },
        ControlVerbs.Set => await ChangeAsync(() => Set(request)).ConfigureAwait(false),
        ControlVerbs.Stop => ControlAnswer.Done(await _daemon.StopAsync().ConfigureAwait(false)),
        ControlVerbs.PathAdd => await PathAsync(() => _disk.AddPath(SpecOf(request)), "added").ConfigureAwait(false),
        ControlVerbs.PathRemove => await PathAsync(() => _disk.RemovePath(PathOf(request)), "removed").ConfigureAwait(false),
        ControlVerbs.PathFail => await PathAsync(() => _disk.FailPath(PathOf(request)), "failed").ConfigureAwait(false),
        ControlVerbs.PathRestore => await PathAsync(() => _disk.RestorePath(PathOf(request)), "restored").ConfigureAwait(false),
        ControlVerbs.PathSetState => await PathAsync(() => _disk.SetState(PathOf(request), StateOf(request)), request.State!).ConfigureAwait(false),
        ControlVerbs.Policy => await ChangeAsync(() => SetPolicy(request)).ConfigureAwait(false),
        ControlVerbs.PrRegister or ControlVerbs.PrReserve or ControlVerbs.PrRelease or ControlVerbs.PrPreempt or ControlVerbs.PrClear =>
            await ChangeAsync(() => _disk.Reservations.Do(request.Verb, request.Reservation)).ConfigureAwait(false),
        ControlVerbs.PrReadKeys => await ReadAsync(_disk.Reservations.ReadKeys).ConfigureAwait(false),
        ControlVerbs.PrReadReservation => await ReadAsync(_disk.Reservations.ReadReservation).ConfigureAwait(false),
        ControlVerbs.SelectorList => new ControlAnswer { Ok = true, Selectors = _disk.Selectors.Known },
        ControlVerbs.SelectorAttach => await ChangeAsync(() => _disk.Selectors.Attach(SelectorOf(request))).ConfigureAwait(false),
        ControlVerbs.SelectorDetach => await ChangeAsync(_disk.Selectors.Detach).ConfigureAwait(false),
        ControlVerbs.SelectorLoad => await ChangeAsync(() => _disk.Selectors.Load(SelectorOf(request))).ConfigureAwait(false),
        ControlVerbs.SelectorUnload => await ChangeAsync(() => _disk.Selectors.Unload(SelectorOf(request))).ConfigureAwait(false),
        ControlVerbs.Trace => Trace(Parse(request.Points ?? [], TracePoint.Find)),
        ControlVerbs.Feed => new ControlAnswer { Ok = true, Message = "feeding", Session = new FeedSession(new FeedTarget(_disk, _changes)) },
        ControlVerbs.Resize => await ChangeAsync(() => Resize(request)).ConfigureAwait(false),
        _ => throw MpathdException.WrongArguments($"there is no verb '{request.Verb}'", $"give one of {string.Join(", ", ControlVerbs.All)}"),
    };

    private static PathSpec SpecOf(ControlRequest request) => Parse(Needed(request.Spec, "spec"), PathSpecParser.Parse);

    private static string NameOf(ControlRequest request) => Needed(request.Name, "name");

    private static string PathOf(ControlRequest request) => Needed(request.Path, "path");

    private static SelectorRequest SelectorOf(ControlRequest request) =>
        request.Selector ?? throw MpathdException.WrongArguments("the request has no selector", "give selector");

    private static MpathAccessState StateOf(ControlRequest request) => Parse(Needed(request.State, "state"), AccessStateText.Parse);

    private static string Needed(string? value, string name) =>
        value ?? throw MpathdException.WrongArguments($"the request has no {name}", $"give {name}");

    private static TResult Parse<T, TResult>(T text, Func<T, TResult> parse)
    {
        try
        {
            return parse(text);
        }
        catch (FormatException exception)
        {
            throw MpathdException.WrongArguments(exception.Message, "mpathd --help shows what there is");
        }
    }

    private ControlAnswer Trace(TracePoint[] points) => new()
    {
        Ok = true,
        Message = $"tracing {string.Join(", ", points.Select(point => point.Name))}",
        Session = new TraceSession(_disk.Hooks, points),
    };

    private ServiceStatus StatusOf(ControlRequest request)
    {
        ServiceStatus status = _daemon.Status();
        return request.Tree == true ? status with { Attributes = _disk.Attributes.All } : status;
    }

    private string Set(ControlRequest request)
    {
        AttributeStatus now = _disk.Attributes.Set(NameOf(request), Needed(request.Value, "value"));
        return $"{now.Name}: {now.Value}";
    }

    private Task<ControlAnswer> PathAsync(Func<ManagedPath> change, string what) => ChangeAsync(() =>
    {
        ManagedPath path = change();
        return $"path {path.Number} ({path.Device.Name}): {what}";
    });

    private string SetPolicy(ControlRequest request)
    {
        string name = Needed(request.Policy, "policy");

        // The parser takes off one end of a line, and here there is none to be.
        if (!IoPolicies.TryParse(name + '\n', out PathSelector? policy, out string? error))
        {
            string[] parts = error.Split("; ", 2);
            throw MpathdException.WrongArguments(parts[0], parts[1]);
        }

        _disk.SetPolicy(policy);
        return $"policy: {name}";
    }

    private string Resize(ControlRequest request)
    {
        long bytes = request.Size ?? throw MpathdException.WrongArguments("the request has no size", "give size, in bytes");
        return _daemon.Resize(bytes) is { } told ? $"size: {SizeText.Format(bytes)}; {told}" : $"size: {SizeText.Format(bytes)}";
    }

    // It goes down a path, which may take its time, and after the changes that were asked for before.
    private async Task<ControlAnswer> ReadAsync(Func<ReservationStatus> read)
    {
        ReservationStatus? found = null;
        await ChangeAsync(() =>
        {
            found = read();
            return string.Empty;
        }).ConfigureAwait(false);
        return new ControlAnswer { Ok = true, Reservation = found };
    }

    private async Task<ControlAnswer> ChangeAsync(Func<string> change)
    {
        try
        {
            return ControlAnswer.Done(await _changes.Make(change).WaitAsync(_limit).ConfigureAwait(false));
        }
        catch (TimeoutException)
        {
            throw MpathdException.Failed(
                $"this, or a change before it, has not ended for {_limit.TotalSeconds:0} s, because I/O is under way that does not end", "it goes on; look with mpathd status");
        }
    }
}
