using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Paths;
using LibMultipath.Selection;
using LibMultipath.Tests.Kit;
using LibMultipath.Topology;

namespace LibMultipath.Tests.Paths;

/// <summary>
/// A head with a disk and paths, on one thread: time stands still, and deferred work runs when it is told to. On
/// disposal everything is taken down, and nothing may be left.
/// </summary>
internal sealed class Rig : IDisposable
{
    private readonly List<MpathDevice> _paths = [];
    private bool _torn;

    public Rig(
        int paths = 2,
        PathSelector? policy = null,
        INumaTopology? topology = null,
        TestTemplate? template = null,
        uint delay = 0,
        MpathDiskOptions? options = null,
        bool withDisk = true)
    {
        Template = template ?? new TestTemplate(new MpathIoPolicy(policy ?? IoPolicies.Numa));
        Head = new MpathHead("head", Template, new MpathHeadOptions
        {
            Topology = topology ?? new FixedNumaTopology(1),
            TimeProvider = Time,
            Scheduler = Work,
            Logger = Log,
            DelayedRemovalSecs = delay,
        });
        if (withDisk)
        {
            Disk = new MpathDisk(Head, options);
        }

        for (int i = 0; i < paths; i++)
        {
            AddPath();
        }

        Work.RunAll();
    }

    public FakeTimeProvider Time { get; } = new();

    public ManualScheduler Work { get; } = new();

    public RecordingLogger Log { get; } = new();

    public TestTemplate Template { get; }

    public MpathHead Head { get; }

    public MpathDisk Disk { get; set; } = null!;

    /// <summary>All paths ever added, in order.</summary>
    public IReadOnlyList<MpathDevice> Paths => _paths;

    /// <summary>Which path each attempt went to, by its number in <see cref="Paths"/>.</summary>
    public List<int> Picks { get; } = [];

    public TestDisk this[int path] => (TestDisk)_paths[path].Disk;

    public MpathDevice NewPath(
        MpathAccessState state = MpathAccessState.Optimized,
        int node = NumaNode.None,
        MpathController? controller = null,
        long capacity = 2048,
        QueueLimits? limits = null)
    {
        int number = _paths.Count;
        var disk = new TestDisk($"path{number}", capacity, limits, Time) { Observe = _ => Picks.Add(number) };
        var path = new MpathDevice(controller ?? new MpathController(number + 1), disk, node, state);
        _paths.Add(path);
        return path;
    }

    /// <summary>Adds a path and sets it live.</summary>
    public MpathDevice AddPath(
        MpathAccessState state = MpathAccessState.Optimized,
        int node = NumaNode.None,
        MpathController? controller = null,
        long capacity = 2048,
        QueueLimits? limits = null)
    {
        MpathDevice path = NewPath(state, node, controller, capacity, limits);
        Head.Add(path);
        path.SetLive();
        return path;
    }

    /// <summary>Submits a read of one block.</summary>
    public Io Submit(BioFlags flags = BioFlags.None, BioOp op = BioOp.Read, BlockDevice? disk = null, long sector = 0)
    {
        var io = new Io(Bio.Rent(op, sector, new byte[512], flags));
        (disk ?? Disk).Submit(io.Bio);
        return io;
    }

    /// <summary>Lets time pass, and does what is to be done then.</summary>
    public void Pass(TimeSpan time)
    {
        Time.Advance(time);
        Work.RunAll();
    }

    /// <summary>Submits one I/O, and says which path it ended on.</summary>
    public int Pick()
    {
        int before = Picks.Count;
        Io io = Submit();
        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal(before + 1, Picks.Count);
        io.Bio.Dispose();
        return Picks[^1];
    }

    public int[] Pick(int times) => [.. Enumerable.Range(0, times).Select(_ => Pick())];

    /// <summary>Puts every path into a state in which it may come back but cannot be used.</summary>
    public void LoseAll()
    {
        foreach (MpathDevice path in Head.Paths)
        {
            path.AccessState = MpathAccessState.Other;
        }

        Work.RunAll();
    }

    public void Dispose()
    {
        if (_torn)
        {
            return;
        }

        _torn = true;
        foreach (MpathDevice path in Head.Paths)
        {
            Head.Remove(path);
        }

        Disk?.Dispose();
        Head.Dispose();
        Work.RunAll();
        Assert.False(Head.TryGet(), "The head was taken down, and somebody still has a reference.");
        Assert.Equal(0, Time.ArmedTimers);
    }
}
