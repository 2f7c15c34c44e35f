using System.Diagnostics;
using System.Globalization;
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
internal sealed class ServedDisk : IMpathDiskHost, IDisposable
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
    public ServedDisk(ServeOptions options, SelectorLibrary library, ILogger logger)
    {
        PathSpecs.EnsureOneDisk(options.Paths);
        _options = options;
        _logger = new SwitchedLogger(logger);
        _group = new PathGroup(
            "disk",
            PathSpecs.TemplateOf(options.Paths[0], new MpathIoPolicy(options.Policy)),
            options.DelayedRemovalSecs,
            new MpathDiskOptions { ReadOnly = options.ReadOnly, Host = this },
            _logger);
        Attributes = new DiskAttributes(_group.Head);
        Reservations = new DiskReservations(_group.Head);
        Selectors = new DiskSelectors(_group.Head, library);
        try
        {
            AddAll(options.Paths);
            _identity = Paths[0].Identity;

            // Which of the devices that have no id are one is for who serves them to know.
            _expected = Paths[0].Device.Disk is BdevPath { UniqueId: null } ? null : _identity;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The disk was taken away: the delay after the removal of the last path is over, or it is being disposed.</summary>
    public event Action? Removed;

    /// <summary>The device of a path was removed. On a thread that must not be kept.</summary>
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

    /// <summary>Adds a path.</summary>
    public ManagedPath AddPath(PathSpec spec)
    {
        EnsureFits(spec);
        try
        {
            ManagedPath added = Add(spec);

            // One that had to stay, because it was the last, has stayed for long enough.
            RemoveGone();
            return added;
        }
        catch (BlockException exception)
        {
            throw MpathdException.Failed(exception.Message, "start the daemon anew");
        }
    }

    /// <summary>
    /// Removes the paths whose devices were removed. The last path stays where there is no removal delay, or the disk would
    /// go with it: its I/O fails until a path is added.
    /// </summary>
    public void RemoveGone()
    {
        foreach (ManagedPath path in Paths.Where(path => path.IsGone))
        {
            if (Paths.Length > 1 || _group.Head.QueuesWithoutPath)
            {
                _group.Remove(path);
                _logger.LogWarning("path {Number} ({Name}) is removed, as its device was", path.Number, path.Device.Name);
            }
        }
    }

    /// <summary>Removes a path; blocks until nothing of it is in flight.</summary>
    public ManagedPath RemovePath(string path)
    {
        ManagedPath found = Find(path);
        if (Paths.Length == 1 && !_group.Head.QueuesWithoutPath)
        {
            throw MpathdException.Failed(
                $"{found.Device.Name} is the last path, and the disk would go with it",
                "add another path first, let it wait for one with mpathd set delayed_removal_secs 60, or end the daemon with mpathd stop");
        }

        _group.Remove(found);
        return found;
    }

    /// <summary>Fails a path under the I/O that it has.</summary>
    public ManagedPath FailPath(string path)
    {
        ManagedPath found = Find(path);
        found.Fail();
        return found;
    }

    /// <summary>Makes a path that was failed work again.</summary>
    public ManagedPath RestorePath(string path)
    {
        ManagedPath found = Find(path);
        found.Restore();
        return found;
    }

    /// <summary>Sets the access state of a path, as its storage would.</summary>
    public ManagedPath SetState(string path, MpathAccessState state)
    {
        ManagedPath found = Find(path);
        found.Device.AccessState = state;
        return found;
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

    // A device that is offline, or not there, is a path that has failed, and the disk is there for that it does not matter.
    private void AddAll(IEnumerable<PathSpec> specs)
    {
        MpathdException? lacks = null;
        foreach (PathSpec spec in specs)
        {
            try
            {
                Add(spec);
            }
            catch (MpathdException exception) when (spec is BdevPathSpec && exception.InnerException is BlockException { Errno: Errno.ENXIO or Errno.ENODEV or Errno.ENOENT })
            {
                lacks ??= exception;
                _logger.LogError("{Problem}; the disk is served without it, add it with mpathd path add when it is there", exception.Message);
            }
        }

        if (lacks is not null && Paths.Length == 0)
        {
            throw lacks;
        }
    }

    private string PathStates() => Paths.Length == 0 ? "there is none any more" : string.Join(", ", Paths.Select(PathStatus.Of).Select(path =>
        $"{path.Number} ({path.Name}) is {path.State}{(path.DeviceState is null ? "" : $", {path.Device} {path.DeviceState}")}"));

    private ManagedPath Add(PathSpec spec)
    {
        ManagedPath path = _group.Add(PathSpecs.MakerOf(spec, _options.ReadOnly, _expected, _logger));
        if (path.Device.Disk is BdevPath device)
        {
            device.Gone += _ => PathGone?.Invoke();
        }

        return path;
    }

    private void EnsureFits(PathSpec spec)
    {
        PathSpecs.EnsureOneDisk([_options.Paths[0], spec is NullPathSpec asked ? asked with { Size = FirstSize(asked.Size) } : spec]);
        long capacity = Disk.CapacitySectors * QueueLimits.SectorSize;
        if (spec is NullPathSpec @null && @null.Size != capacity)
        {
            throw MpathdException.WrongArguments(
                $"the path has {SizeText.Format(@null.Size)}, the disk {SizeText.Format(capacity)}", $"give size={SizeText.Format(capacity)}");
        }
    }

    // What it was asked for to begin with; the disk may have been resized since.
    private long FirstSize(long otherwise) => _options.Paths[0] is NullPathSpec first ? first.Size : otherwise;

    private ManagedPath Find(string path)
    {
        bool isNumber = int.TryParse(path, NumberStyles.None, CultureInfo.InvariantCulture, out int number);
        ManagedPath[] paths = Paths;
        return Array.Find(paths, each => isNumber ? each.Number == number : each.Device.Name == path)
            ?? throw MpathdException.WrongArguments(
                $"there is no path '{path}'",
                paths.Length == 0
                    ? "there is none at all; add one with mpathd path add"
                    : $"give the number or the name of one: {string.Join(", ", paths.Select(each => $"{each.Number} ({each.Device.Name})"))}");
    }
}
