using System.Diagnostics.Tracing;
using System.Reflection;
using LibMultipath.Block;
using LibMultipath.Diagnostics;
using LibMultipath.Paths;
using LibMultipath.Selection;
using LibMultipath.Tests.Kit;
using LibMultipath.Tests.Paths;
using LibMultipath.Tests.Project;

namespace LibMultipath.Tests.Diagnostics;

[Collection(DiagnosticsGroup.Name)]
public sealed class EventTests : IDisposable
{
    private const EventKeywords Every = (EventKeywords)(-1);

    private readonly EventRecorder _recorder = new("head");

    /// <summary>What tools have written down: an id, a name or a payload is never changed, new ones come at the end.</summary>
    private static readonly string[] s_approved =
    [
        "1 IoSubmitted Verbose 1 (head, operation, sector, bytes)",
        "2 IoRemapped Verbose 1 (head, path, operation, sector, bytes)",
        "3 IoEnded Verbose 1 (head, operation, sector, bytes, status)",
        "4 AttemptFailed Warning 2 (head, path, operation, sector, bytes, outcome, status)",
        "5 FailedOver Warning 2 (head, path, operation, sector, bytes, status)",
        "6 IoRequeued Informational 2 (head, operation, sector, bytes)",
        "7 PathStateChanged Informational 4 (head, path, accessState, usable)",
        "8 CurrentPathChanged Informational 4 (head, node, oldPath, newPath)",
        "9 PolicyChanged Informational 8 (head, oldPolicy, newPolicy)",
        "10 RemovalScheduled Warning 8 (head, seconds)",
        "11 RemovalCancelled Informational 8 (head)",
    ];

    public void Dispose() => _recorder.Dispose();

    [Fact]
    public void The_events_are_the_approved_ones()
    {
        IEnumerable<string> events = typeof(MpathEventSource).GetMethods()
            .Select(method => (Method: method, Event: method.GetCustomAttribute<EventAttribute>()))
            .Where(each => each.Event is not null)
            .OrderBy(each => each.Event!.EventId)
            .Select(each => $"{each.Event!.EventId} {each.Method.Name} {each.Event.Level} {(long)each.Event.Keywords} ({string.Join(", ", each.Method.GetParameters().Select(parameter => parameter.Name))})");

        Assert.Equal(s_approved, events);
        Assert.Null(MpathEventSource.Log.ConstructionException);
        Assert.NotNull(EventSource.GenerateManifest(typeof(MpathEventSource), null, EventManifestOptions.Strict));
    }

    [Fact]
    public void Every_event_stands_in_the_document_of_operations_with_its_id_level_and_payload()
    {
        string document = File.ReadAllText(Repository.PathOf("docs", "operations.md"));
        Assert.All(s_approved, line =>
        {
            string[] words = line.Split(' ', 5);
            string payload = string.Join(", ", words[4].Trim('(', ')').Split(", ").Select(name => $"`{name}`"));
            Assert.Contains($"| {words[0]} | `{words[1]}` | {words[3]} | {words[2]} | {payload} |", document);
        });
    }

    [Fact]
    public void IO_on_a_failing_path_is_told_in_order_with_what_became_of_it()
    {
        using Rig rig = new(2);
        using IDisposable attached = MpathDiagnostics.Attach(rig.Head);
        _recorder.Enable(EventLevel.Verbose, Every);
        rig[0].FailWith(BlockStatus.Transport);

        rig.Submit(sector: 8);
        rig.Work.RunAll();

        Assert.Equal(
            [
                "IoSubmitted operation=read sector=8 bytes=512",
                "IoRemapped path=path0 operation=read sector=8 bytes=512",
                "AttemptFailed path=path0 operation=read sector=8 bytes=512 outcome=path_error status=BLK_STS_TRANSPORT",
                "CurrentPathChanged node=0 oldPath=path0 newPath=",
                "FailedOver path=path0 operation=read sector=8 bytes=512 status=BLK_STS_TRANSPORT",
                "IoRequeued operation=read sector=8 bytes=512",
                "CurrentPathChanged node=0 oldPath= newPath=path0",
                "IoRemapped path=path1 operation=read sector=8 bytes=512",
                "IoEnded operation=read sector=8 bytes=512 status=BLK_STS_OK",
            ], _recorder.Told);
    }

    [Fact]
    public void What_happens_to_paths_and_heads_is_told()
    {
        using Rig rig = new(1, delay: 30);
        using IDisposable attached = MpathDiagnostics.Attach(rig.Head);
        _recorder.Enable(EventLevel.Informational, Every);

        rig.Paths[0].AccessState = MpathAccessState.NonOptimized;
        rig.Paths[0].SetDown();
        rig.Head.Policy.Set(IoPolicies.RoundRobin);
        rig.Head.Remove(rig.Paths[0]);
        rig.Work.RunAll();
        rig.Head.Add(rig.NewPath());

        Assert.Equal(
            [
                "PathStateChanged path=path0 accessState=2 usable=True",
                "PathStateChanged path=path0 accessState=2 usable=False",
                "PolicyChanged oldPolicy=numa newPolicy=round-robin",
                "RemovalScheduled seconds=30",
                "RemovalCancelled",
            ], _recorder.Told.Where(told => !told.StartsWith("CurrentPath", StringComparison.Ordinal)));
    }

    [Fact]
    public void Only_what_is_asked_for_is_told()
    {
        using Rig rig = new(2);
        using IDisposable attached = MpathDiagnostics.Attach(rig.Head);
        rig[0].FailWith(BlockStatus.Transport);
        _recorder.Enable(EventLevel.Warning, MpathEventSource.Keywords.Errors);

        rig.Submit();
        rig.Work.RunAll();

        Assert.Equal(["AttemptFailed", "FailedOver"], _recorder.Told.Select(told => told.Split(' ')[0]));
        _recorder.Clear();
        _recorder.Enable(EventLevel.Informational, Every);
        rig[0].OnSubmit = null;
        rig.Submit();
        Assert.DoesNotContain(_recorder.Told, told => told.StartsWith("Io", StringComparison.Ordinal));
    }

    [Fact]
    public void A_hook_point_is_attached_only_while_its_events_are_wanted()
    {
        using Rig rig = new(1);
        using IDisposable attached = MpathDiagnostics.Attach(rig.Head);
        Assert.False(rig.Head.Hooks.PathStateChanged.IsAttached);

        _recorder.Enable(EventLevel.Informational, MpathEventSource.Keywords.Paths);
        Assert.True(rig.Head.Hooks.PathStateChanged.IsAttached);
        Assert.True(rig.Head.Hooks.CurrentPathChanged.IsAttached);
        Assert.False(rig.Head.Hooks.PolicyChanged.IsAttached);

        _recorder.Disable();
        rig.Paths[0].AccessState = MpathAccessState.NonOptimized;
        rig.Work.RunAll();
        Assert.False(rig.Head.Hooks.PathStateChanged.IsAttached);
        Assert.False(rig.Head.Hooks.CurrentPathChanged.IsAttached);
        Assert.Empty(_recorder.Told);
    }

    [Fact]
    public void An_event_that_is_wanted_again_before_its_handler_was_detached_is_told_once()
    {
        using Rig rig = new(1);
        using IDisposable attached = MpathDiagnostics.Attach(rig.Head);
        _recorder.Enable(EventLevel.Informational, MpathEventSource.Keywords.Paths);
        _recorder.Disable();
        rig.Paths[0].AccessState = MpathAccessState.NonOptimized;
        _recorder.Enable(EventLevel.Informational, MpathEventSource.Keywords.Paths);

        rig.Paths[0].AccessState = MpathAccessState.Optimized;
        rig.Work.RunAll();
        rig.Paths[0].AccessState = MpathAccessState.NonOptimized;

        Assert.Equal(2, _recorder.Told.Count(told => told.StartsWith("PathStateChanged", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_head_that_is_attached_while_the_source_is_enabled_is_told_of_until_it_is_detached()
    {
        using Rig rig = new(1);
        _recorder.Enable(EventLevel.Informational, MpathEventSource.Keywords.Heads);
        IDisposable attached = MpathDiagnostics.Attach(rig.Head);
        rig.Head.Policy.Set(IoPolicies.RoundRobin);
        attached.Dispose();
        rig.Head.Policy.Set(IoPolicies.Numa);

        Assert.Single(_recorder.Told);
        Assert.False(rig.Head.Hooks.PolicyChanged.IsAttached);
    }

    [Fact]
    public void A_listener_may_disable_the_source_from_inside_an_event()
    {
        using Rig rig = new(1);
        using IDisposable attached = MpathDiagnostics.Attach(rig.Head);
        _recorder.OnEvent = _ => _recorder.Disable();
        _recorder.Enable(EventLevel.Informational, MpathEventSource.Keywords.Heads);

        rig.Head.Policy.Set(IoPolicies.RoundRobin);
        rig.Head.Policy.Set(IoPolicies.Numa);
        rig.Work.RunAll();

        Assert.Single(_recorder.Told);
        Assert.False(rig.Head.Hooks.PolicyChanged.IsAttached);
    }

    [Fact]
    public async Task Enabling_and_disabling_under_load_loses_and_doubles_nothing()
    {
        const int Rounds = 300;
        string[] cycle = ["IoSubmitted", "IoRemapped", "IoEnded"];
        var template = new TestTemplate();
        using var head = new MpathHead("head", template);
        using var disk = new LibMultipath.Disk.MpathDisk(head);
        MpathDevice[] paths = [.. Enumerable.Range(0, 2).Select(id => new MpathDevice(new MpathController(id), new TestDisk($"path{id}")))];
        foreach (MpathDevice path in paths)
        {
            head.Add(path);
            path.SetLive();
        }

        using IDisposable attached = MpathDiagnostics.Attach(head);
        bool stop = false;
        long ios = 0;
        Task load = Task.Run(() =>
        {
            using Bio bio = Bio.Rent(BioOp.Read, 0, new byte[512]);
            bio.EndIo = _ => ios++;
            while (!Volatile.Read(ref stop))
            {
                disk.Submit(bio);
            }
        });
        try
        {
            for (int round = 0; round < Rounds; round++)
            {
                _recorder.Enable(EventLevel.Verbose, Every);
                _recorder.Clear();
                paths[1].AccessState = MpathAccessState.NonOptimized;
                Eventually.True(() => _recorder.Count > 10, "I/O is told of");
                string[] told = [.. _recorder.Told.Select(each => each.Split(' ')[0])];
                _recorder.Disable();
                paths[1].AccessState = MpathAccessState.Other;

                Assert.Single(told, "PathStateChanged");
                string[] passes = [.. told.Where(cycle.Contains)];
                Assert.Equal(Enumerable.Range(Array.IndexOf(cycle, passes[0]), passes.Length).Select(at => cycle[at % cycle.Length]), passes);
            }
        }
        finally
        {
            Volatile.Write(ref stop, true);
            await load;
        }

        attached.Dispose();
        Assert.True(ios > 0);
        Assert.False(head.Hooks.PathStateChanged.IsAttached);
        Assert.False(head.Hooks.BioEnded.IsAttached);
        foreach (MpathDevice path in paths)
        {
            head.Remove(path);
        }
    }

    [Fact]
    public void Nothing_is_told_of_a_head_that_nobody_has_attached()
    {
        using Rig rig = new(1);
        _recorder.Enable(EventLevel.Verbose, Every);

        rig.Submit();

        Assert.Empty(_recorder.Told);
        Assert.False(rig.Head.Hooks.BioSubmitted.IsAttached);
    }
}
