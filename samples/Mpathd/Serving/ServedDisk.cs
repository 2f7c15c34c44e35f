using System.Diagnostics;
using BdevDriver;
using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Paths;
using Microsoft.Extensions.Logging;
using Mpathd.Paths;
using Mpathd.Selectors;

namespace Mpathd.Serving;

/// <summary>
/// The disk that a daemon serves, and what can be done to it while it is served. Everything that is refused is an
/// <see cref="MpathdException"/>, and has changed nothing.
/// </summary>
/// <remarks>One thread changes it; any may look. Changes block, for a grace period or for I/O under way.</remarks>
internal sealed partial class ServedDisk : IMpathDiskHost, IDisposable
{
    // Longer than this, and whoever started it is told why it takes so long.
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(2);

    private readonly ServeOptions _options;
    private readonly PathGroup _group;
    private readonly SwitchedLogger _logger;
    private readonly string? _identity;
    private readonly string? _expected;
    private readonly long _since = Stopwatch.GetTimestamp();
    private readonly ManualResetEventSlim _live = new();

    /// <summary>Makes the disk, with all its paths.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="library">The selectors that are loaded; disposed by its owner, after this.</param>
    /// <param name="logger">Where the library logs.</param>
    /// <param name="cancellation">Gives up waiting for what the paths lead to.</param>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public ServedDisk(ServeOptions options, SelectorLibrary library, ILogger logger, CancellationToken cancellation = default)
    {
        PathSpecs.EnsureOneDisk(options.Paths);
        _options = options;
        _logger = new SwitchedLogger(logger);
        _group = new PathGroup(
            "disk",
            PathSpecs.TemplateOf(options.Paths[0], new MpathIoPolicy(options.Policy)),
            options.DelayedRemovalSecs,
            new MpathDiskOptions { ReadOnly = options.ReadOnly, Host = this },
            _logger,
            TimesOf(options));
        Attributes = new DiskAttributes(_group.Head);
        Reservations = new DiskReservations(_group.Head);
        Selectors = new DiskSelectors(_group.Head, library);
        try
        {
            AddAll(options.Paths, cancellation);
            string? found = Paths[0].Identity;
            _identity = options.Paths[0] is NbdPathSpec nbd ? $"nbd: {nbd.Address}" : found;

            // Which of the devices that have no id are one is for who serves them to know.
            _expected = Paths[0].Device.Disk is BdevPath { UniqueId: null } ? null : found;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The disk was taken away: the delay after the removal of the last path is over, or it is being disposed.</summary>
    public event Action? Removed;

    /// <summary>What a path led to was removed, or given up. On a thread that must not be kept.</summary>
    public event Action? PathGone;

    /// <summary>The disk.</summary>
    public MpathDisk Disk => _group.Disk;

    /// <summary>What sysfs would show of it.</summary>
    public DiskAttributes Attributes { get; }

    /// <summary>What is registered and reserved through it.</summary>
    public DiskReservations Reservations { get; }

    /// <summary>What selects its paths instead of the policy.</summary>
    public DiskSelectors Selectors { get; }

    /// <summary>Where its data path can be watched.</summary>
    public MpathHooks Hooks => _group.Head.Hooks;

    /// <summary>What its data is, whatever its paths are.</summary>
    public string Identity => _identity ?? "null";

    /// <summary>The paths, in order of addition.</summary>
    public ManagedPath[] Paths => _group.Paths;

    /// <summary>How many paths are usable.</summary>
    public int UsablePaths => Paths.Count(path => path.Device.IsUsable);

    /// <summary>The name of the policy.</summary>
    public string Policy => _group.Head.Policy.Selector.Name;

    /// <summary>Waits until a path works, and is registered for the disk's persistent reservation if there is one.</summary>
    /// <param name="limit">How long it may take.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public void WaitUntilLive(TimeSpan limit, CancellationToken cancellationToken)
    {
        if (_live.Wait(limit < s_silence ? limit : s_silence, cancellationToken))
        {
            return;
        }

        _logger.LogWarning("no path works yet, and one is waited for up to {Seconds} s: {Paths}", limit.TotalSeconds, PathStates());
        if (limit > s_silence && _live.Wait(limit - s_silence, cancellationToken))
        {
            return;
        }

        throw MpathdException.SystemLacks(
            $"no path works: {PathStates()}", "see what has been logged of them, and bring one back, or serve another");
    }

    /// <summary>Selects paths in another way from now on.</summary>
    public void SetPolicy(PathSelector policy)
    {
        try
        {
            _group.Head.Policy.Set(policy);
        }
        catch (Exception exception)
        {
            // It may be of an assembly that was loaded.
            throw MpathdException.Failed($"{policy.Name} cannot be used: {ForeignException.MessageOf(exception)}", "give another policy", exception);
        }
    }

    /// <summary>Makes the disk larger or smaller, and what the paths lead to with it.</summary>
    /// <param name="bytes">How large.</param>
    public void Resize(long bytes)
    {
        if (_options.ReadOnly)
        {
            throw MpathdException.Failed("the disk is read-only, and its size is not changed", "serve it without --read-only");
        }

        new DiskResize(_group, _options.Paths[0]).To(bytes);
    }

    /// <summary>How everything is now.</summary>
    /// <param name="state">In a word, unless it is live.</param>
    /// <returns>Without what shows it to its users.</returns>
    public ServiceStatus Status(string? state)
    {
        IoStatistics io = _group.Head.Statistics;
        PathStatus[] paths = [.. Paths.Select(PathStatus.Of)];
        return new ServiceStatus
        {
            State = state ?? (paths.Any(path => path.Usable) ? "live" : "waiting"),
            CapacityBytes = Disk.CapacitySectors * QueueLimits.SectorSize,
            LogicalBlockBytes = Disk.Limits.LogicalBlockSize,
            ReadOnly = Disk.IsReadOnly,
            Policy = Policy,
            Selector = Selectors.Status,
            DelayedRemovalSecs = _group.Head.DelayedRemovalSecs,
            Ios = io.Ios,
            Bytes = io.Bytes,
            Waiting = Disk.WaitingCount,
            Requeued = _group.Requeued,
            Failovers = _group.Failovers,
            Errors = _group.Head.ErrorCount,
            UptimeSecs = Math.Round(Stopwatch.GetElapsedTime(_since).TotalSeconds, 1),
            Pid = Environment.ProcessId,
            Version = typeof(ServedDisk).Assembly.GetName().Version!.ToString(3),
            Paths = paths,
        };
    }

    /// <summary>I/O that waits for a path fails from now on, and new I/O as well.</summary>
    public void FailWaiting() => Disk.Remove();

    /// <summary>Takes it down; blocks until nothing is in flight.</summary>
    public void Dispose()
    {
        _logger.Silence();
        Attributes.Dispose();

        // No I/O comes after this, so none meets a path that is let in unregistered.
        _group.Disk.Remove();
        Reservations.Dispose();
        Selectors.Dispose();
        _group.Dispose();
    }

    // The block device is made when all paths are there.
    void IMpathDiskHost.AddDisk(MpathDisk disk) => _live.Set();

    void IMpathDiskHost.DeleteDisk(MpathDisk disk) => Removed?.Invoke();

    // A daemon outlives outages, however long, unless a path is told otherwise.
    private static FailureTimes TimesOf(ServeOptions options) => new()
    {
        FastIoFail = options switch
        {
            { FastFailSecs: { } seconds } => TimeSpan.FromSeconds(seconds),
            { DelayedRemovalSecs: > 0 } when options.Paths[0] is NbdPathSpec => TimeSpan.FromSeconds(options.DelayedRemovalSecs),
            _ => null,
        },
        Loss = Timeout.InfiniteTimeSpan,
    };

    private string PathStates() => Paths.Length == 0 ? "there is none any more" : string.Join(", ", Paths.Select(PathStatus.Of).Select(path =>
        $"{path.Number} ({path.Name}) is {path.State}{(path.DeviceState is null ? "" : $", {path.Device} {path.DeviceState}")}"));
}
