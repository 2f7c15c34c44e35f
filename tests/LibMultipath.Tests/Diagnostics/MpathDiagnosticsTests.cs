using System.Diagnostics.Metrics;
using LibMultipath.Block;
using LibMultipath.Diagnostics;
using LibMultipath.Disk;
using LibMultipath.Paths;
using LibMultipath.Selection;
using LibMultipath.Tests.Kit;

namespace LibMultipath.Tests.Diagnostics;

[Collection(DiagnosticsGroup.Name)]
public sealed class MpathDiagnosticsTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly string _name = $"telemetry-{Guid.NewGuid():N}";
    private readonly MpathHead _head;
    private readonly MpathDisk _disk;
    private readonly HeldDisk[] _disks;
    private readonly MpathDevice[] _paths;

    public MpathDiagnosticsTests()
    {
        _head = new MpathHead(_name, new Template(), new MpathHeadOptions { TimeProvider = _time });
        _disk = new MpathDisk(_head);
        _disks = [new HeldDisk("a"), new HeldDisk("b")];
        _paths = [.. _disks.Select((disk, id) => new MpathDevice(new MpathController(id), disk))];
        foreach (MpathDevice path in _paths)
        {
            _head.Add(path);
            path.SetLive();
        }
    }

    public void Dispose()
    {
        _disk.Dispose();
        foreach (MpathDevice path in _head.Paths)
        {
            _head.Remove(path);
        }

        _head.Dispose();
    }

    [Fact]
    public void Counters_tell_what_went_through_heads_and_paths()
    {
        using IDisposable attached = MpathDiagnostics.Attach(_head);
        Submit(BioOp.Read, 4096);
        Submit(BioOp.Write, 8192);
        _disks[0].Fail(0);
        Eventually.True(() => _disks[1].Held == 1, "the read is with the other path");
        Dictionary<string, double> seen = Collect();

        Assert.Equal(1, seen["mpath.head.io//read"]);
        Assert.Equal(4096, seen["mpath.head.io.size//read"]);
        Assert.Equal(8192, seen["mpath.head.io.size//write"]);
        Assert.Equal(2, seen["mpath.head.in_flight//"]);
        Assert.Equal(0, seen["mpath.head.waiting//"]);
        Assert.Equal(1, seen["mpath.path.failovers/a/"]);
        Assert.Equal(0, seen["mpath.path.failovers/b/"]);
        Assert.Equal(1, seen["mpath.path.io/a/read"]);
        Assert.Equal(1, seen["mpath.path.in_flight/a/"]);
        Assert.Equal((double)MpathAccessState.Optimized, seen["mpath.path.access_state/b/"]);
        Assert.Equal(1, seen["mpath.path.usable/b/"]);

        _disks[0].CompleteAll();
        _disks[1].CompleteAll();
        _paths[1].AccessState = MpathAccessState.Other;
        seen = Collect();
        Assert.Equal(0, seen["mpath.head.in_flight//"]);
        Assert.Equal(0, seen["mpath.path.usable/b/"]);
        Assert.Equal(4096, seen["mpath.path.io.size/b/read"]);
    }

    [Fact]
    public void A_latency_is_recorded_while_somebody_listens()
    {
        using IDisposable attached = MpathDiagnostics.Attach(_head);
        var durations = new List<(string Instrument, double Seconds)>();
        using MeterListener listener = Listen(instrument => instrument is Histogram<double>);
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) =>
        {
            if (Tag(tags, "mpath.head") == _name)
            {
                durations.Add((instrument.Name, value));
            }
        });
        listener.Start();

        Submit(BioOp.Read, 512);
        _time.Advance(TimeSpan.FromMilliseconds(3));
        _disks[0].CompleteAll();

        Assert.Equal([("mpath.path.io.duration", 0.003), ("mpath.head.io.duration", 0.003)], durations);
    }

    [Fact]
    public void Nothing_is_timed_while_nobody_listens()
    {
        using IDisposable attached = MpathDiagnostics.Attach(_head);
        Bio bio = Submit(BioOp.Read, 512);
        _disks[0].CompleteAll();

        Assert.Equal(MpathIo.NotTimed, MpathIo.Of(bio).SubmitTimestamp);
        Assert.Equal(MpathIo.NotTimed, MpathIo.Of(bio).AttemptTimestamp);
    }

    [Fact]
    public void Nothing_is_allocated_an_IO_while_nobody_listens()
    {
        using IDisposable attached = MpathDiagnostics.Attach(_head);
        _disks[0].Immediate = _disks[1].Immediate = true;
        using Bio bio = Bio.Rent(BioOp.Read, 0, new byte[512]);
        bio.EndIo = static _ => { };
        for (int i = 0; i < 100; i++)
        {
            _disk.Submit(bio);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            _disk.Submit(bio);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
#if DEBUG
        // A debug build keeps a record of each read section.
        Assert.InRange(allocated, 0, 1000 * 1024);
#else
        Assert.Equal(0, allocated);
#endif
    }

    [Fact]
    public void A_head_that_is_detached_is_not_shown_any_more()
    {
        MpathDiagnostics.Attach(_head).Dispose();
        Assert.Empty(Collect());
        Assert.False(_head.Hooks.BioEnded.IsAttached);
    }

    private static MeterListener Listen(Func<Instrument, bool> wanted) => new()
    {
        InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == MpathDiagnostics.MeterName && wanted(instrument))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        },
    };

    private static string? Tag(ReadOnlySpan<KeyValuePair<string, object?>> tags, string key)
    {
        foreach (KeyValuePair<string, object?> tag in tags)
        {
            if (tag.Key == key)
            {
                return (string?)tag.Value;
            }
        }

        return null;
    }

    private Bio Submit(BioOp op, int bytes)
    {
        Bio bio = Bio.Rent(op, 0, new byte[bytes]);
        bio.EndIo = static _ => { };
        _disk.Submit(bio);
        return bio;
    }

    private Dictionary<string, double> Collect()
    {
        var seen = new Dictionary<string, double>();
        using MeterListener listener = Listen(instrument => instrument.IsObservable);
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            if (Tag(tags, "mpath.head") == _name)
            {
                seen.Add($"{instrument.Name}/{Tag(tags, "mpath.path")}/{Tag(tags, "mpath.operation")}", value);
            }
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return seen;
    }

    private sealed class HeldDisk(string name) : DriverDisk(name, 1 << 20)
    {
        private readonly List<BioAttempt> _held = [];

        public bool Immediate { get; set; }

        public int Held => _held.Count;

        public void Fail(int index)
        {
            BioAttempt attempt = _held[index];
            _held.RemoveAt(index);
            attempt.FailPath(BlockStatus.Transport);
        }

        public void CompleteAll()
        {
            foreach (BioAttempt attempt in _held)
            {
                attempt.Complete(BlockStatus.Ok);
            }

            _held.Clear();
        }

        protected override void SubmitBio(BioAttempt attempt)
        {
            if (Immediate)
            {
                attempt.Complete(BlockStatus.Ok);
            }
            else
            {
                _held.Add(attempt);
            }
        }
    }

    private sealed class Template : IMpathHeadTemplate
    {
        public MpathIoPolicy Policy { get; } = IoPolicies.Create("numa");

        public bool AvailablePath(MpathDevice path) => path.Controller.MayComeBack;

        public void RereadState(MpathDevice path) => path.AccessState = MpathAccessState.Optimized;
    }
}
