using LibMultipath.Disk;
using LibMultipath.Paths;

namespace LibMultipath.Tests.Disk.Model;

// What becomes of paths, and of the disk.
internal sealed partial class HeadModel
{
    private void Add(int state)
    {
        MpathDevice real = _rig.NewPath((MpathAccessState)state);
        var path = new ModelPath(real) { Mismatch = _rig.Head.CapacitySectors is not 0 and not 2048 };
        path.Disk.Hold = true;
        path.Disk.Observe = _ => { };
        path.Disk.OnAbortAll = () => Guard(() => GiveBackAll(path));
        path.Disk.OnAttempt = attempt => Guard(() => Began(path, attempt));
        _paths.Add(path);
        _removalAt = null;
        _due = false;
        PathChanged();
        _rig.Head.Add(real);
        real.SetLive();
    }

    private void Remove(ModelPath path)
    {
        path.Removed = true;
        PathChanged();
        _rig.Head.Remove(path.Real);
        _paths.Remove(path);
        ForgetRetries(io => io.RetryPath == path);
        if (_paths.Count == 0)
        {
            if (_rig.Head.DelayedRemovalSecs == 0)
            {
                Gone();
            }
            else
            {
                _removalAt = _rig.Time.Elapsed + TimeSpan.FromSeconds(_rig.Head.DelayedRemovalSecs);
            }
        }
    }

    private void GiveBackAll(ModelPath path)
    {
        foreach (ModelIo io in InFlight.Where(io => io.At == path))
        {
            End(io, 6);
        }
    }

    private void SetAccessState(ModelPath path, MpathAccessState state)
    {
        bool changes = path.State != state || path.Pending;
        path.State = state;
        path.Pending = false;
        Change(() => path.Real.AccessState = state, changes);
    }

    private void SetReady(ModelPath path, bool ready)
    {
        bool changes = ready || path.Ready;
        path.Ready = ready;
        Change(ready ? path.Real.SetLive : path.Real.SetDown, changes);
    }

    private void SetController(ModelPath path, MpathControllerState state)
    {
        bool changes = path.Controller != state;
        path.Controller = state;
        Change(() => path.Real.Controller.State = state, changes);
    }

    private void Revalidate(long capacity)
    {
        foreach (ModelPath path in _paths)
        {
            path.Mismatch = capacity != 2048;
        }

        Change(() => _rig.Head.Revalidate(capacity), changesPath: true);
    }

    private void SetDelay(uint seconds)
    {
        _due |= seconds == 0 && _removalAt is not null;
        _rig.Head.DelayedRemovalSecs = seconds;
    }

    private void ReplaceDisk()
    {
        MpathDisk old = _rig.Disk;
        old.Remove();
        _removedDisks.Add(old);
        Assert.All(UnderWay.Where(io => io.Disk == old), io => Assert.True(io.At is not null || io.Retrying, "I/O still waits on a removed disk."));
        _rig.Disk = new MpathDisk(_rig.Head);
        old.Dispose();
        Assert.Equal(_paths.Any(path => path.Usable), _rig.Disk.IsLive);
    }

    private void Gone()
    {
        _gone = true;
        _removalAt = null;
    }

    private void Change(Action change, bool changesPath)
    {
        if (changesPath)
        {
            PathChanged();
        }

        change();
    }

    // A bio gets another round.
    private void PathChanged()
    {
        _generation++;
        foreach (ModelIo io in _ios)
        {
            io.FailedOn.Clear();
        }
    }
}
