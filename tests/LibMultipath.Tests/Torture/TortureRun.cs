using System.Diagnostics;
using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Paths;
using LibMultipath.Selection;
using LibMultipath.Topology;
using Xunit.Abstractions;

namespace LibMultipath.Tests.Torture;

/// <summary>
/// One torture of one head disk: submitters with a ledger of their own, paths that fail in every way, a plan that
/// takes them away and gives them back, and a watch over all of it. Nothing may be lost, come twice, or be wrong.
/// </summary>
internal sealed partial class TortureRun
{
    private readonly ITestOutputHelper _output;
    private readonly TortureTemplate _template;
    private readonly TortureSubmitter[] _submitters;
    private readonly TorturePlan _plan;
    private bool _stopSubmitting;
    private TortureSelectors? _selectors;
    private long _attemptsSeen;

    private TortureRun(TortureOptions options, ITestOutputHelper output)
    {
        Options = options;
        _output = output;
        Store = new TortureStore(Verdict, options.Submitters, options.BlocksEach);
        var policy = new MpathIoPolicy(options.Policy ?? IoPolicies.RoundRobin);
        _template = options.Clones
            ? new TortureCloningTemplate(Verdict, policy, options.Seed, Store, Faults)
            : new TortureTemplate(Verdict, policy, options.Seed);
        Topology = new FixedNumaTopology(2);
        Head = new MpathHead("torture", _template, new MpathHeadOptions { Topology = Topology, DelayedRemovalSecs = 600 });
        Completers = [.. Enumerable.Range(0, options.CompletionThreads).Select(number => new TortureCompleter(Verdict, number))];
        Canceller = new TortureCanceller(Verdict, options.Seed);
        _plan = new TorturePlan(this);
        Disk = new MpathDisk(Head);
        _submitters = [.. Enumerable.Range(0, options.Submitters).Select(number => new TortureSubmitter(this, number))];
    }

    public TortureOptions Options { get; }

    public TortureVerdict Verdict { get; } = new();

    public TortureFaults Faults { get; } = new();

    public TortureStore Store { get; }

    public FixedNumaTopology Topology { get; }

    public MpathHead Head { get; }

    public MpathDisk Disk { get; }

    public IReadOnlyList<TortureCompleter> Completers { get; }

    public TortureCanceller Canceller { get; }

    public bool StopSubmitting
    {
        get => Volatile.Read(ref _stopSubmitting);
        set => Volatile.Write(ref _stopSubmitting, value);
    }

    /// <summary>Submissions that have ended.</summary>
    public long Ended => _submitters.Sum(submitter => submitter.Ended);

    public static async Task RunAsync(TortureOptions options, ITestOutputHelper output)
    {
        var run = new TortureRun(options, output);
        await run.RunAsync();
    }

    private async Task RunAsync()
    {
        long staleBefore = BlockDevice.StaleCompletions;
        using IDisposable? watcher = Options.Hooks
            ? Head.Hooks.AttemptEnded.Attach((in AttemptEndedArgs _) => Interlocked.Increment(ref _attemptsSeen))
            : null;
        using ActivityLedger? activities = Options.Activities ? new(Head, Verdict) : null;
        long start = Stopwatch.GetTimestamp();
        _selectors = Options.Selectors ? new TortureSelectors(Head, Verdict) : null;
        _plan.Start();
        foreach (TortureSubmitter submitter in _submitters)
        {
            submitter.Start();
        }

        await WatchAsync();
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        _plan.Join();
        foreach (TortureSubmitter submitter in _submitters)
        {
            submitter.Join();
        }

        _selectors?.Stop();
        Report(elapsed);
        FailIfFailed();
        await TearDownAsync();
        if (activities is not null)
        {
            _output.WriteLine($"{activities}.");
            activities.Check();
        }

        FailIfFailed();
        Assert.Equal(Verdict.Stale, BlockDevice.StaleCompletions - staleBefore);
        CheckMinimums();
    }

    private async Task TearDownAsync()
    {
        Faults.Calm = true;
        Canceller.Dispose();
        foreach (TortureSubmitter submitter in _submitters)
        {
            await submitter.ReadBackAsync();
        }

        if (Disk.WaitingCount != 0 || Head.InFlight != 0)
        {
            Verdict.Fail($"Everything has ended, and {Disk.WaitingCount} bios wait, {Head.InFlight} are in flight.");
        }

        await _plan.RemoveAllAsync();
        if (Options.Hooks)
        {
            Assert.Equal(_plan.Attempts, _attemptsSeen);
        }

        Disk.Dispose();
        Head.Dispose();
        if (Head.TryGet())
        {
            Verdict.Fail("The head is not gone.");
        }

        Assert.Throws<ObjectDisposedException>(() => Head.Srcu.GetState());
        Assert.Equal(0, _template.Holds);
        _template.Dispose();
        foreach (TortureCompleter completer in Completers)
        {
            completer.Dispose();
        }

        foreach (TortureSubmitter submitter in _submitters)
        {
            submitter.Dispose();
        }
    }

    private void CheckMinimums()
    {
        Assert.True(Ended >= Options.Ios, $"{Ended} I/Os.");
        Assert.True(_plan.Additions >= Options.Additions, $"{_plan.Additions} additions.");
        Assert.True(_plan.Removals >= Options.Removals, $"{_plan.Removals} removals.");
        Assert.True(_plan.FailuresInFlight >= Options.FailuresInFlight, $"{_plan.FailuresInFlight} failures with I/O in flight.");
        Assert.True(_plan.TotalLosses >= Options.TotalLosses, $"{_plan.TotalLosses} total losses.");
        Assert.True(_template.EverHeld > 0, "The last path never went.");
        Assert.True(_selectors is null or { Changes: > 100, Calls: > 1000 }, $"{_selectors}.");
    }

    private void Report(TimeSpan elapsed)
    {
        _output.WriteLine($"{Ended:N0} I/Os in {elapsed.TotalSeconds:F1} s ({Ended / elapsed.TotalSeconds:N0}/s), {Head.Statistics.Ios:N0} after splitting.");
        _output.WriteLine($"{_plan}.");
        _output.WriteLine($"{Verdict}.");
        if (_selectors is not null)
        {
            _output.WriteLine($"{_selectors}, {_selectors.Changes / elapsed.TotalSeconds:N0} changes a second.");
        }

        _output.WriteLine($"requeued for want of a path {Head.RequeueNoUsablePathCount:N0}, failed for want of one {Head.FailNoAvailablePathCount:N0}, "
            + $"removals that were called off {_template.EverHeld}.");
    }

    private void FailIfFailed()
    {
        if (Verdict.HasFailed)
        {
            Assert.Fail($"Seed {Options.Seed}:{Environment.NewLine}{string.Join(Environment.NewLine, Verdict.Violations)}");
        }
    }
}
