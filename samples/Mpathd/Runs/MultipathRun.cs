using System.Diagnostics;
using LibMultipath.Paths;
using Mpathd.Engine;
using Mpathd.Faults;
using Mpathd.Paths;

namespace Mpathd.Runs;

/// <summary>
/// One run over a group of paths: the workload with the faults, the drain, the read-back, the end of the group. It
/// can be watched and interrupted at any time, and always comes to a report.
/// </summary>
internal sealed class MultipathRun
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_laneExit = TimeSpan.FromSeconds(10);

    private readonly PathGroup _group;
    private readonly WorkloadEngine _engine;
    private readonly FaultInjector? _faults;
    private readonly RunOptions _options;
    private readonly Interruption _interruption;
    private volatile RunPhase _phase;
    private volatile PathSnapshot[]? _lastPaths;

    /// <summary>Makes the run. The group and the engine are its own, and gone when it is over.</summary>
    /// <param name="group">With all the paths that it is to begin with.</param>
    /// <param name="engine">For the group's disk, not started.</param>
    /// <param name="faults">For the group, not started; null for none.</param>
    /// <param name="options">How long it takes.</param>
    /// <param name="interruption">What ends it early.</param>
    public MultipathRun(PathGroup group, WorkloadEngine engine, FaultInjector? faults, RunOptions options, Interruption interruption)
    {
        _group = group;
        _engine = engine;
        _faults = faults;
        _options = options;
        _interruption = interruption;
    }

    /// <summary>How it is now. On any thread.</summary>
    public RunSnapshot Snapshot() => new()
    {
        Phase = _phase,
        Elapsed = _engine.Work?.Elapsed ?? TimeSpan.Zero,
        Duration = _options.Duration,
        Policy = _group.Head.Policy.Selector.Name,
        Seed = _options.Seed,
        Ios = _engine.Work?.Ios ?? 0,
        Bytes = _engine.Work?.Bytes ?? 0,
        Errors = _engine.Errors,
        Miscompares = _engine.Miscompares,
        Failovers = _group.Failovers,
        Waiting = _group.Disk.WaitingCount,
        Faults = _faults?.Counts ?? default,
        ReadBack = _engine.ReadBack?.Bytes ?? 0,
        ReadBackTotal = _engine.ReadBackTotal,
        Paths = _lastPaths ?? SnapshotOfPaths(),
    };

    /// <summary>
    /// What it has come to. On any thread; while the run is under way, as far as it has come, without latencies and
    /// details.
    /// </summary>
    public RunReport Report()
    {
        bool interrupted = _interruption.IsRequested;
        LanePhase? work = _engine.Work;
        LatencyHistogram latency = _phase == RunPhase.Done && work is not null ? work.Latency() : new LatencyHistogram();
        TimeSpan elapsed = work?.Elapsed ?? TimeSpan.Zero;
        FaultCounts faults = _faults?.Counts ?? default;
        return new RunReport
        {
            Ios = work?.Ios ?? 0,
            Bytes = work?.Bytes ?? 0,
            Errors = _engine.Errors,
            Miscompares = _engine.Miscompares,
            Lost = interrupted ? 0 : _engine.Lost,
            Duplicated = _engine.Duplicated,
            Failovers = _group.Failovers,
            Requeued = _group.Requeued,
            TotalLosses = faults.TotalLosses,
            PathsAdded = faults.PathsAdded,
            PathsRemoved = faults.PathsRemoved,
            PolicyChanges = faults.PolicyChanges,
            Iops = elapsed > TimeSpan.Zero ? (work?.Ios ?? 0) / elapsed.TotalSeconds : 0,
            P50Microseconds = latency.Quantile(0.50) / 1000.0,
            P99Microseconds = latency.Quantile(0.99) / 1000.0,
            MaxMicroseconds = latency.MaxNanoseconds / 1000.0,
            Seed = _options.Seed,
            Elapsed = elapsed,
            Interrupted = interrupted,
            Unfinished = interrupted ? _engine.UnderWay : 0,
            ReadBack = _engine.ReadBack?.Bytes ?? 0,
            ReadBackTotal = _engine.ReadBackTotal,
            Details = _phase == RunPhase.Done ? [.. _engine.Details] : [],
        };
    }

    /// <summary>Runs, and blocks until all is over.</summary>
    /// <exception cref="MpathdException">A fault could not be carried out, such as a file that is gone.</exception>
    public void Execute()
    {
        _engine.Start();
        _phase = RunPhase.Working;
        try
        {
            _faults?.Start();
            Work();
        }
        finally
        {
            _phase = RunPhase.Draining;
            _engine.Stop();

            // Before the drain: I/O that waits for a path ends when the paths are mended.
            _faults?.Stop();
        }

        if (Drain() && _options.ReadsBack && !_interruption.IsRequested)
        {
            _phase = RunPhase.ReadingBack;
            _engine.StartReadBack();
            Drain();
        }

        // What is shown from now on: the paths are about to go.
        _lastPaths = SnapshotOfPaths();
        if (_engine.UnderWay == 0)
        {
            _group.Dispose();
            _engine.Dispose();
        }

        _phase = RunPhase.Done;
    }

    private void Work()
    {
        long start = Stopwatch.GetTimestamp();
        for (TimeSpan left = _options.Duration; left > TimeSpan.Zero; left = _options.Duration - Stopwatch.GetElapsedTime(start))
        {
            if (_interruption.Wait(left < s_poll ? left : s_poll) || _faults is { HasFailed: true })
            {
                return;
            }
        }
    }

    /// <summary>
    /// Waits until nothing is under way, for as long as something ends now and then. What does not end is given up,
    /// and false returned.
    /// </summary>
    private bool Drain()
    {
        long done = -1;
        long lastEnd = Stopwatch.GetTimestamp();
        bool stopped = false;
        while (!_engine.Wait(s_poll))
        {
            if (_interruption.IsRequested && !stopped)
            {
                stopped = true;
                _engine.Stop();
            }

            long now = (_engine.Work?.Ios ?? 0) + (_engine.ReadBack?.Ios ?? 0);
            if (now != done)
            {
                done = now;
                lastEnd = Stopwatch.GetTimestamp();
            }

            if (Stopwatch.GetElapsedTime(lastEnd) > _options.DrainLimit || _interruption.Since > _options.InterruptedDrainLimit)
            {
                _engine.Abandon();
                _engine.Wait(s_laneExit);
                return false;
            }
        }

        return true;
    }

    private PathSnapshot[] SnapshotOfPaths() => [.. _group.Paths.Select(SnapshotOf)];

    private static PathSnapshot SnapshotOf(ManagedPath path)
    {
        MpathDevice device = path.Device;
        PathStatistics statistics = device.Statistics;
        return new PathSnapshot(device.Name, path.State, device.IsUsable, statistics.InFlight, statistics.Io.Ios, statistics.Failovers);
    }
}
