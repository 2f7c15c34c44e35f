using LibMultipath.Disk;
using Mpathd.Serving;

namespace Mpathd.Tests.Kit;

/// <summary>Shows a disk to nobody but the test.</summary>
internal sealed class TestDiskHost : IDiskHost
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly MpathDisk? _disk;
    private readonly ServeOptions? _options;

    private TestDiskHost(MpathDisk? disk, ServeOptions? options)
    {
        _disk = disk;
        _options = options;
    }

    public MpathDisk Disk => _disk!;

    public ServeOptions Options => _options!;

    public required string Identity { get; init; }

    public string Name { get; private init; } = "/dev/test0";

    public IReadOnlyList<string> Clients { get; set; } = [];

    public string LastResort => "wait";

    public Task Ended => _ended.Task;

    public bool CanResize { get; set; } = true;

    public string? WhenResized => null;

    /// <summary>Whether users see the size of the disk.</summary>
    public bool Follows { get; set; } = true;

    /// <summary>How often it was stopped.</summary>
    public int Stops { get; private set; }

    /// <summary>How often it was left to the next daemon.</summary>
    public int Leaves { get; private set; }

    /// <summary>Whether it stays when it is left.</summary>
    public bool IsRecoverable { get; set; }

    public bool IsDisposed { get; private set; }

    /// <summary>What a stop does; by default it ends at once.</summary>
    public Action<TimeSpan>? OnStop { get; set; }

    /// <summary>One without a disk.</summary>
    public static TestDiskHost OfNothing(string name) => new(null, null) { Identity = "none", Name = name };

    public static DiskHostStart Starter(Action<TestDiskHost> started) => (disk, identity, options, _) =>
    {
        var host = new TestDiskHost(disk, options) { Identity = identity };
        started(host);
        return host;
    };

    public bool FollowSize() => Follows;

    public ServiceStatus Describe(ServiceStatus status) => status with
    {
        Device = new DiskHostStatus
        {
            BlockPath = Name,
            Id = 0,
            Queues = Options.Queues,
            QueueDepth = Options.QueueDepth,
            Mode = "copy",
            Recovery = "none",
        },
    };

    /// <summary>Somebody else takes the device away.</summary>
    public void TakeAway() => _ended.TrySetResult();

    /// <summary>What serves it fails.</summary>
    public void Break(Exception exception) => _ended.TrySetException(exception);

    public void Stop(TimeSpan limit)
    {
        Stops++;
        OnStop?.Invoke(limit);
        _ended.TrySetResult();
    }

    public string? Leave(TimeSpan limit)
    {
        Leaves++;
        return IsRecoverable ? "mpathd serve --ublk 0" : null;
    }

    public void Dispose() => IsDisposed = true;
}
