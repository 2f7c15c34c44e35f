using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Paths;
using LibMultipath.Selection;

namespace LibMultipath.Ublk.Tests.Scenarios.Kit;

/// <summary>A path that moves no data: it completes everything, at once or when it is told to.</summary>
internal sealed class TestPath(string name, QueueFeatures features = QueueFeatures.None, int dmaAlignment = 0)
    : DriverDisk(name, Sectors, new QueueLimits { Features = features, DmaAlignment = dmaAlignment })
{
    public const long Sectors = 1 << 16;

    private readonly Lock _lock = new();
    private readonly List<BioAttempt> _held = [];
    private bool _holds;

    /// <summary>How many attempts wait for <see cref="LetGo"/>.</summary>
    public int Held
    {
        get
        {
            lock (_lock)
            {
                return _held.Count;
            }
        }
    }

    /// <summary>A live head disk over paths.</summary>
    public static (MpathHead Head, MpathDisk Disk) Head(params TestPath[] paths)
    {
        var head = new MpathHead("disk", new Template());
        var disk = new MpathDisk(head);
        for (int i = 0; i < paths.Length; i++)
        {
            Add(head, paths[i], i);
        }

        return (head, disk);
    }

    /// <summary>Adds a path to a head and sets it live.</summary>
    public static void Add(MpathHead head, TestPath path, int number)
    {
        var device = new MpathDevice(new MpathController(number), path);
        head.Add(device);
        device.SetLive();
    }

    /// <summary>From now on attempts wait.</summary>
    public void Hold()
    {
        lock (_lock)
        {
            _holds = true;
        }
    }

    /// <summary>Completes what waits, and lets the rest through.</summary>
    public void LetGo()
    {
        BioAttempt[] held;
        lock (_lock)
        {
            _holds = false;
            held = [.. _held];
            _held.Clear();
        }

        foreach (BioAttempt attempt in held)
        {
            attempt.Complete(BlockStatus.Ok);
        }
    }

    protected override void SubmitBio(BioAttempt attempt)
    {
        lock (_lock)
        {
            if (_holds)
            {
                _held.Add(attempt);
                return;
            }
        }

        attempt.Complete(BlockStatus.Ok);
    }

    private sealed class Template : IMpathHeadTemplate
    {
        public MpathIoPolicy Policy { get; } = IoPolicies.Create("round-robin");

        public bool AvailablePath(MpathDevice path) => true;

        public void RereadState(MpathDevice path)
        {
        }
    }
}
