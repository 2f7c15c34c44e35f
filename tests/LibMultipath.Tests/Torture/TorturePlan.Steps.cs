using System.Diagnostics;
using LibMultipath.Paths;

namespace LibMultipath.Tests.Torture;

internal sealed partial class TorturePlan
{
    private void Add()
    {
        _doing = "adding a path";
        TortureCompleter completer = _run.Completers[_random.Next(_run.Completers.Count)];
        var disk = new TorturePath(++_made, _run, completer, (_options.Seed * 31) + _made, aborts: _random.Chance(32768));
        var device = new MpathDevice(
            _controllers[_random.Next(_controllers.Length)],
            disk,
            _random.Next(3) - 1,
            _random.Chance(40000) ? MpathAccessState.Optimized : MpathAccessState.NonOptimized);
        var entry = new TorturePathEntry(disk, device);
        _run.Head.Add(device);
        completer.Add(disk);
        _paths.Add(entry);
        if (!_random.Chance(4096))
        {
            _doing = "setting a path live";
            device.SetLive();
        }

        Additions++;
    }

    private void Remove(TorturePathEntry entry, bool wait)
    {
        _doing = $"removing {entry.Disk.Name}{(wait ? "" : " in the background")}";
        _paths.Remove(entry);
        if (wait)
        {
            _run.Head.Remove(entry.Device);
            CheckRemoved(entry);
        }
        else
        {
            _removals.Add((entry, _run.Head.RemoveAsync(entry.Device)));
        }

        Removals++;
    }

    private void Fail(TorturePathEntry entry)
    {
        _doing = $"failing {entry.Disk.Name}";
        if (entry.Disk.FailNow(entry.Device, endHere: _random.Chance(32768)) > 0)
        {
            FailuresInFlight++;
        }
    }

    // Repairs whatever is wrong with one path.
    private void Restore()
    {
        if (_paths.Count == 0)
        {
            Add();
        }
        else if (_paths.Find(each => !each.Works) is { } entry)
        {
            Restore(entry);
        }
    }

    private void Restore(TorturePathEntry entry)
    {
        _doing = $"restoring {entry.Disk.Name}";
        entry.Device.Controller.State = MpathControllerState.Live;
        if (entry.Device.AccessState == MpathAccessState.Other)
        {
            entry.Device.AccessState = MpathAccessState.Optimized;
        }

        entry.Disk.Repair();
        entry.Device.SetLive();
    }

    private void RestoreAll()
    {
        if (_paths.Count == 0)
        {
            Add();
        }

        _paths.ForEach(Restore);
    }

    private void ChangeAccessState()
    {
        if (_paths.Count == 0)
        {
            return;
        }

        TorturePathEntry entry = _paths[_random.Next(_paths.Count)];
        int state = _random.Next(3);
        if (state == (int)MpathAccessState.Other && !TryPick(out entry!))
        {
            return;
        }

        _doing = $"changing the access state of {entry.Disk.Name}";
        entry.Device.AccessState = (MpathAccessState)state;
        StateChanges++;
    }

    private void ChangeController()
    {
        MpathController controller = _controllers[_random.Next(_controllers.Length)];
        _doing = $"changing {controller}";
        if (controller.State != MpathControllerState.Live)
        {
            controller.State = MpathControllerState.Live;
        }
        else if (_paths.Exists(each => each.Works && each.Device.Controller != controller))
        {
            controller.State = MpathControllerState.Resetting + _random.Next(3);
        }

        ControllerChanges++;
    }

    // Takes all paths away in one of the ways there are, lets I/O wait, and gives a path back.
    private void LoseAll()
    {
        int way = _random.Next(5);
        foreach (TorturePathEntry entry in _paths.ToArray())
        {
            switch (way)
            {
                case 0:
                    Fail(entry);
                    break;
                case 1:
                    Remove(entry, wait: _random.Chance(32768));
                    break;
                case 2:
                    entry.Device.AccessState = MpathAccessState.Other;
                    break;
                case 3:
                    entry.Device.Controller.State = _random.Chance(32768) ? MpathControllerState.Resetting : MpathControllerState.Connecting;
                    break;
                default:
                    Fail(entry);
                    Remove(entry, wait: _random.Chance(32768));
                    break;
            }
        }

        if (_random.Chance(8192))
        {
            ChangePolicy();
        }

        _doing = $"waiting for I/O to wait after a total loss ({way})";
        int wanted = 1 + _random.Next(_options.Submitters * _options.Depth / 2);
        long start = Stopwatch.GetTimestamp();
        int waiting = 0;
        while (waiting < wanted && Stopwatch.GetElapsedTime(start).TotalMilliseconds < 200)
        {
            waiting = Math.Max(waiting, _run.Disk.WaitingCount);
            _pause.Wait(1);
        }

        // Paths whose state was being read anew may have come back in the meantime: then it was no total loss.
        if (waiting > 0)
        {
            TotalLosses++;
        }

        if (_random.Chance(32768) || _paths.Count == 0)
        {
            Add();
        }

        Restore();
    }

    private void FinishRemovals(int most)
    {
        for (int i = _removals.Count - 1; i >= 0; i--)
        {
            (TorturePathEntry entry, Task removal) = _removals[i];
            if (removal.IsCompleted || i >= most)
            {
                _doing = $"waiting until {entry.Disk.Name} is gone";
                removal.Wait();
                _removals.RemoveAt(i);
                CheckRemoved(entry);
            }
        }
    }

    // What is left of a path that is gone: nothing under way, and as much ended as was begun.
    private void CheckRemoved(TorturePathEntry entry)
    {
        PathStatistics statistics = entry.Device.Statistics;
        Attempts += statistics.Io.Ios - entry.Disk.Uncloned;
        if (statistics.InFlight != 0 || statistics.Io.Ios != entry.Disk.Accepted || entry.Disk.Released != 1
            || entry.Disk.WaitingInDriver != 0
            || statistics.Io.ReadBytes + statistics.Io.WriteBytes + statistics.Io.OtherBytes != entry.Disk.AcceptedBytes)
        {
            _run.Verdict.Fail($"{entry.Disk} is gone, and its statistics do not fit: {statistics}, released {entry.Disk.Released} times.");
        }

        Assert.Throws<ObjectDisposedException>(() => entry.Device.Attempts.GetState());
    }
}
