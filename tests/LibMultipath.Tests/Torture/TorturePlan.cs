using System.Diagnostics;
using LibMultipath.Paths;
using LibMultipath.Selection;

namespace LibMultipath.Tests.Torture;

/// <summary>
/// A thread that makes life hard for the head: paths come, go, fail, change, all of them at once now and then. It ends
/// when enough of everything has happened, and leaves every path in order.
/// </summary>
internal sealed partial class TorturePlan
{
    private const int MostPaths = 6;

    // A plan that is behind the I/O does one step after the other.
    private const int LateBelow = 100;

    private readonly TortureRun _run;
    private readonly TortureOptions _options;
    private readonly TortureRandom _random;
    private readonly MpathController[] _controllers;
    private readonly List<TorturePathEntry> _paths = [];
    private readonly List<(TorturePathEntry Path, Task Removal)> _removals = [];
    private readonly Thread _thread;

    // Never set: for letting others go on for a moment.
    private readonly ManualResetEventSlim _pause = new();
    private int _made;
    private string _doing = "starting";

    public TorturePlan(TortureRun run)
    {
        _run = run;
        _options = run.Options;
        _random = new TortureRandom(_options.Seed, 5);
        _controllers = [.. Enumerable.Range(1, 3).Select(id => new MpathController(id))];
        _thread = new Thread(Run) { IsBackground = true, Name = "torture-plan" };
    }

    public int Additions { get; private set; }

    public int Removals { get; private set; }

    public int FailuresInFlight { get; private set; }

    public int TotalLosses { get; private set; }

    public int PolicyChanges { get; private set; }

    public int StateChanges { get; private set; }

    public int ControllerChanges { get; private set; }

    /// <summary>Attempts of the drivers of the paths that are gone.</summary>
    public long Attempts { get; private set; }

    public bool IsDone => !_thread.IsAlive;

    public IEnumerable<MpathController> Controllers => _controllers;

    private bool IsFulfilled =>
        Additions >= _options.Additions && Removals >= _options.Removals
        && FailuresInFlight >= _options.FailuresInFlight && TotalLosses >= _options.TotalLosses;

    // How many I/Os from one step to the next, so that the plan is fulfilled a little before the last I/O. Of a hundred
    // steps about 12 are additions, as many removals, and 20 failures.
    private int Pace
    {
        get
        {
            int steps = Math.Max(8 * Math.Max(_options.Additions - Additions, _options.Removals - Removals), 5 * (_options.FailuresInFlight - FailuresInFlight));
            return (int)Math.Clamp(((_options.Ios * 9 / 10) - _run.Ended) / Math.Max(steps, 1), 1, 30000);
        }
    }

    public void Start()
    {
        for (int i = 0; i < 4; i++)
        {
            Add();
        }

        _thread.Start();
    }

    public void Join() => _thread.Join();

    /// <summary>Removes every path. After the thread has ended.</summary>
    public async Task RemoveAllAsync()
    {
        foreach (TorturePathEntry entry in _paths.ToArray())
        {
            _paths.Remove(entry);
            await _run.Head.RemoveAsync(entry.Device);
            CheckRemoved(entry);
        }

        foreach (MpathController controller in _controllers)
        {
            if (controller.ActiveCount != 0)
            {
                _run.Verdict.Fail($"{controller} still counts {controller.ActiveCount} I/Os.");
            }
        }
    }

    public string Describe()
    {
        using var writer = new StringWriter();
        writer.WriteLine($"plan: {_doing}; {this}");
        foreach (TorturePathEntry entry in _paths.ToArray())
        {
            writer.WriteLine($"  {entry.Device}, state {entry.Device.State}, in flight {entry.Device.InFlight}; {entry.Disk}");
        }

        foreach ((TorturePathEntry path, Task removal) in _removals.ToArray())
        {
            writer.WriteLine($"  being removed ({removal.Status}): {path.Device.State}, in flight {path.Device.InFlight}; {path.Disk}");
        }

        foreach (MpathController controller in _controllers)
        {
            writer.WriteLine($"  {controller}, {controller.ActiveCount} active");
        }

        return writer.ToString();
    }

    public override string ToString() =>
        $"{Additions} additions, {Removals} removals, {FailuresInFlight} failures with I/O in flight, {TotalLosses} total losses, "
        + $"{PolicyChanges} policy changes, {StateChanges} access states, {ControllerChanges} controller states";

    private void Run()
    {
        try
        {
            while (!(IsFulfilled && _run.Ended >= _options.Ios) && !_run.Verdict.HasFailed)
            {
                Step();
                FinishRemovals(most: 3);
                if (Pace is > LateBelow and var pace)
                {
                    WaitForProgress(_random.Next(2 * pace) + 1);
                }
            }
        }
        catch (Exception exception)
        {
            _run.Verdict.Fail($"The plan died while {_doing}: {exception}");
        }

        _run.StopSubmitting = true;
        try
        {
            _doing = "putting everything in order";
            RestoreAll();
            FinishRemovals(most: 0);
        }
        catch (Exception exception)
        {
            _run.Verdict.Fail($"Putting everything in order failed: {exception}");
        }
    }

    private void WaitForProgress(long ios)
    {
        _doing = $"waiting for {ios} I/Os after {_doing}";
        long target = _run.Ended + ios;
        long start = Stopwatch.GetTimestamp();
        while (_run.Ended < target && Stopwatch.GetElapsedTime(start).TotalMilliseconds < 500 && !_run.Verdict.HasFailed)
        {
            _pause.Wait(1);
        }
    }

    private void Step()
    {
        int roll = _random.Next(100);
        if (roll < 30)
        {
            if (TryPick(out TorturePathEntry? entry))
            {
                Fail(entry);
            }
            else
            {
                Restore();
            }
        }
        else if (roll < 50)
        {
            Restore();
        }
        else if (roll < 61)
        {
            if (_paths.Count < MostPaths)
            {
                Add();
            }
        }
        else if (roll < 72)
        {
            if (TryPick(out TorturePathEntry? entry))
            {
                Remove(entry, wait: _random.Chance(32768));
            }
        }
        else if (roll < 82)
        {
            ChangeAccessState();
        }
        else if (roll < 88)
        {
            ChangeController();
        }
        else if (roll < 93)
        {
            ChangePolicy();
        }
        else if (roll < 95)
        {
            _doing = "revalidating";
            _run.Head.Revalidate();
        }
        else if (roll < 97)
        {
            _doing = "setting the removal delay";
            _run.Head.DelayedRemovalSecs = (uint)(300 + _random.Next(300));
        }
        else
        {
            LoseAll();
        }
    }

    // A path to do something bad to; none if it is the last that works. Half of the time it is the busiest.
    private bool TryPick([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out TorturePathEntry? entry)
    {
        TorturePathEntry[] working = [.. _paths.Where(each => each.Works)];
        if (working.Length < 2)
        {
            entry = _paths.Find(each => !each.Works);
            return entry is not null && _random.Chance(16384);
        }

        entry = _random.Chance(32768) ? working.MaxBy(each => each.Disk.WaitingInDriver)! : working[_random.Next(working.Length)];
        return true;
    }

    private void ChangePolicy()
    {
        if (_options.Policy is null)
        {
            _doing = "changing the policy";
            _run.Head.Policy.Set(IoPolicies.All[_random.Next(IoPolicies.All.Count)]);
            PolicyChanges++;
        }
    }
}
