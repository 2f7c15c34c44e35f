using System.Runtime.ExceptionServices;
using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Paths;
using LibMultipath.Selection;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Disk.Model;

/// <summary>
/// Plays a history to a head and its disk, and to a model that knows where each bio is and how it may end. One thread,
/// a clock that stands still and work that runs when told, so a history always goes the same way.
/// </summary>
internal sealed partial class HeadModel : IDisposable
{
    public const int Kinds = 24;

    private static readonly BioFlags[] s_flags =
        [BioFlags.None, BioFlags.None, BioFlags.None, BioFlags.None, BioFlags.Sync, BioFlags.NoWait, BioFlags.FailFastTransport];

    private readonly Rig _rig;
    private readonly List<ModelPath> _paths = [];
    private readonly List<ModelIo> _ios = [];
    private readonly List<BioAttempt> _over = [];
    private readonly HashSet<MpathDisk> _removedDisks = [];
    private Exception? _fault;
    private long _generation;
    private bool _gone;
    private bool _due;
    private TimeSpan? _removalAt;

    public HeadModel(int setup)
    {
        Random random = new(setup);
        _rig = new Rig(0, IoPolicies.All[random.Next(3)], delay: random.Next(3) == 0 ? 0u : 10u);
        for (int i = random.Next(0, 4); i > 0; i--)
        {
            Add(random.Next(0, 3));
        }
    }

    public int Failovers { get; private set; }

    public int Waited { get; private set; }

    public int Cancelled { get; private set; }

    public int Submitted => _ios.Count;

    private IEnumerable<ModelIo> UnderWay => _ios.Where(io => !io.HasEnded);

    private ModelIo[] InFlight => [.. UnderWay.Where(io => io.At is not null)];

    // Live, and some path may come back or the head queues without one.
    private bool IsAvailable => _rig.Disk.IsLive && !_gone && (_paths.Any(path => path.MayComeBack) || _rig.Head.DelayedRemovalSecs > 0);

    public void Play(Step step)
    {
        switch (step.Kind)
        {
            case 0 or 1 or 2:
                Submit(s_flags[step.A % s_flags.Length], cancellable: step.B % 2 == 0);
                break;
            case 3 or 4 or 5 or 6 when InFlight is { Length: > 0 } inFlight:
                End(inFlight[step.A % inFlight.Length], step.B % 8);
                break;
            case 7 when _over.Count > 0:
                EndAgain(_over[step.A % _over.Count], step.B);
                break;
            case 8 when _paths.Count < 5 && !_gone:
                Add(step.B % 3);
                break;
            case 9 when _paths.Count > 0:
                Remove(_paths[step.A % _paths.Count]);
                break;
            case 10 or 11 when _paths.Count > 0:
                SetAccessState(_paths[step.A % _paths.Count], (MpathAccessState)(step.B % 3));
                break;
            case 12 when _paths.Count > 0:
                SetReady(_paths[step.A % _paths.Count], step.B % 3 != 0);
                break;
            case 13 when _paths.Count > 0:
                SetController(_paths[step.A % _paths.Count], (MpathControllerState)(step.B % 5));
                break;
            case 14:
                Change(() => _rig.Head.Policy.Set(IoPolicies.All[step.A % 3]), changesPath: false);
                break;
            case 15:
                RunOne();
                break;
            case 16 or 17:
                RunAll();
                break;
            case 18:
                Advance(TimeSpan.FromSeconds(step.A % 15));
                break;
            case 19 when UnderWay.Where(io => io.CanBeCancelled && !io.CancelRequested).ToArray() is { Length: > 0 } some:
                Cancel(some[step.A % some.Length]);
                break;
            case 20 when step.B % 3 == 0 && !_gone:
                ReplaceDisk();
                break;
            case 21 when step.B % 2 == 0:
                SetDelay((uint)(step.A % 3 * 5));
                break;
            case 22:
                Revalidate(step.A % 4 == 0 ? 4096 : 2048);
                break;
            case 23:
                _rig.Head.ScheduleRequeue();
                break;
            default:
                break;
        }

        CheckAlways();
    }

    /// <summary>Ends everything, takes everything down, and looks that nothing is left.</summary>
    public void Finish()
    {
        while (UnderWay.Any(io => io.At is not null || io.Retrying))
        {
            foreach (ModelIo io in InFlight)
            {
                End(io, 0);
            }

            Advance(TimeSpan.FromSeconds(1));
            RunAll();
            CheckAlways();
        }

        _rig.Dispose();
        foreach (ModelIo io in _ios)
        {
            Assert.True(io.Ends == 1, $"{io} ended {io.Ends} times.");
            Assert.False(io.Bio.IsSubmitted);
        }

        Assert.All(_rig.Paths, path => Assert.Equal(0, path.InFlight));
        Assert.All(_rig.Paths, path => Assert.Equal(0, path.Controller.ActiveCount));
        Assert.All(_rig.Paths.Where(path => path.IsRemoved), path => Assert.Equal(1, ((TestDisk)path.Disk).Releases));
    }

    public void Dispose() => _rig.Dispose();

    private void Advance(TimeSpan by)
    {
        _rig.Time.Advance(by);
        ForgetRetries(io => io.RetryAt <= _rig.Time.Elapsed);
        _due |= _removalAt <= _rig.Time.Elapsed;
    }

    // Which work that was is not the model's business; whether the removal was due is.
    private void RunOne()
    {
        _rig.Work.RunOne();
        if (_due && _paths.Count == 0 && !_rig.Head.IsRemovalPending)
        {
            Gone();
            _due = false;
        }
    }

    private void RunAll()
    {
        if (_due && _paths.Count == 0)
        {
            Gone();
        }

        _due = false;
        _rig.Work.RunAll();
        Assert.Equal(_removalAt is not null, _rig.Head.IsRemovalPending);
        Assert.False(_gone && _rig.Disk.IsLive, "The head was to be removed.");

        // Nobody waits for no reason.
        ModelIo[] waiting = [.. UnderWay.Where(io => io.At is null && !io.Retrying)];
        Assert.Equal(waiting.Length, _rig.Disk.WaitingCount);
        if (waiting.Length > 0)
        {
            Assert.DoesNotContain(_paths, path => path.Usable);
            Assert.True(IsAvailable, "I/O waits for a path that cannot come.");
            Assert.DoesNotContain(waiting, io => io.NoWait);
        }
    }

    // What a driver throws does not come out of the library; here it must.
    private void Guard(Action check)
    {
        try
        {
            check();
        }
        catch (Exception fault)
        {
            _fault ??= fault;
        }
    }

    private void CheckAlways()
    {
        if (_fault is not null)
        {
            ExceptionDispatchInfo.Throw(_fault);
        }

        foreach (ModelIo io in _ios)
        {
            Assert.True(io.Ends <= 1, $"{io} ended {io.Ends} times.");
            if (io.HasEnded)
            {
                Assert.True(io.At is null, "A bio ended while a driver had it.");
                Assert.True(
                    io.Status is BlockStatus.Ok or BlockStatus.Medium or BlockStatus.Resource or BlockStatus.Transport or BlockStatus.IoError
                    || (io.Status == BlockStatus.Again && (io.NoWait || io.CancelRequested)), $"{io} ended in a way that it must not.");
            }
            else if (io.At is { } at)
            {
                Assert.Single(at.Disk.Held, attempt => ReferenceEquals(attempt.Bio, io.Bio));
            }
        }

        foreach (ModelPath path in _paths)
        {
            Assert.Equal(path.Usable, path.Real.IsUsable);
            Assert.Equal(path.Disk.Held.Count, path.Real.InFlight);
        }
    }
}
