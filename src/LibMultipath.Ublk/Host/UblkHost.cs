using System.Text;
using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.IoUring;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Devices;
using LibMultipath.Ublk.Parameters;
using LibMultipath.Ublk.Queues;
using LibMultipath.Ublk.Runner;
using LibMultipath.Work;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LibMultipath.Ublk.Host;

/// <summary>
/// Shows a disk, a head disk above all, to the whole machine as <c>/dev/ublkbN</c>. Requests become bios on the memory
/// that the kernel gave them; the disk's limits, its size and its changes of size are the device's.
/// </summary>
/// <remarks>
/// <para><b>Life.</b> From <see cref="Start"/> to <see cref="Stop"/>, or until somebody else stops the device
/// (<see cref="Ended"/>). If the process dies, what becomes of the device is what <see cref="UblkHostOptions.Recovery"/>
/// says.</para>
/// <para><b>Threads.</b> All members may be used on any thread, but those that block not on one that the disk waits
/// for.</para>
/// </remarks>
public sealed class UblkHost : IDisposable
{
    private static readonly TimeSpan s_resizeTimeout = TimeSpan.FromSeconds(10);

    private readonly BlockDevice _disk;
    private readonly MpathDiskHandle? _open;
    private readonly UblkControl _control;
    private readonly UblkDevice _device;
    private readonly UblkRunner _runner;
    private readonly ILogger _logger;
    private readonly DeferredWork _resize;
    private readonly Lock _lock = new();
    private volatile bool _stopped;

    private UblkHost(BlockDevice disk, MpathDiskHandle? open, UblkControl control, UblkDevice device, UblkRunner runner, ILogger logger)
    {
        _disk = disk;
        _open = open;
        _control = control;
        _device = device;
        _runner = runner;
        _logger = logger;
        _resize = new DeferredWork(WorkScheduler.Default, WorkKind.Normal, Resize, exception => logger.ResizeFailed(exception, device.Id));
        disk.Changed += OnChanged;
        OnChanged(disk);
    }

    /// <summary>The N of <c>/dev/ublkbN</c>.</summary>
    public int DeviceId => _device.Id;

    /// <summary>The device that users open.</summary>
    public string BlockPath => _device.BlockPath;

    /// <summary>What the kernel said of the device.</summary>
    public UblkDeviceInfo Info => _device.Info;

    /// <summary>What works, but not as it was asked for.</summary>
    public IReadOnlyList<string> Warnings => _device.Warnings;

    /// <summary>Whether the threads that serve are those that memory is found for without the disk.</summary>
    public bool AreIoFlushers => _runner.AreIoFlushers;

    /// <summary>Ends when nobody serves the device any more, whoever asked; fails if that was for want of something.</summary>
    public Task Ended => _runner.Ended;

    /// <summary>Shows a disk. When this returns, the device is there.</summary>
    /// <param name="disk">The disk; if it is a head disk, it is live, and is open from now on.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BlockException">The disk is not live (ENXIO).</exception>
    /// <exception cref="UblkException">It cannot be done; the message says why, and what to do.</exception>
    /// <exception cref="RingException">There can be no ring; the message says why, and what to do.</exception>
    public static UblkHost Start(BlockDevice disk, UblkHostOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(disk);
        options ??= new UblkHostOptions();
        ILogger logger = options.Runner.Logger ?? NullLogger.Instance;
        if (options.Mode is UblkDataMode.ZeroCopy or UblkDataMode.AutoZeroCopy && (disk.Limits.Features & QueueFeatures.RegisteredBuffers) == 0)
        {
            throw new UblkException(UblkErrorKind.NotSupported, Errno.EOPNOTSUPP, $"showing {disk.Name} without a copy",
                "not all of its paths can use registered buffers", "show it with a copy, or use paths that can, such as those of the ring engine");
        }

        MpathDiskHandle? open = (disk as MpathDisk)?.Open();
        UblkControl? control = null;
        UblkDevice? device = null;
        try
        {
            control = UblkControl.Open();
            device = TakeOver(control, disk, options, cancellationToken) ?? Create(control, disk, options, cancellationToken);
            foreach (string warning in device.Warnings)
            {
                logger.DeviceWarning(device.Id, warning);
            }

            var target = new DiskTarget(disk, device.Info.Queues, device.Info.QueueDepth);
            UblkRunner runner = UblkRunner.Start(device, target, options.Runner, cancellationToken);
            return new UblkHost(disk, open, control, device, runner, logger);
        }
        catch
        {
            device?.Dispose();
            control?.Dispose();
            open?.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Takes the device away from its users: what they have under way ends first. When that takes too long it is given
    /// up, and fails.
    /// </summary>
    /// <param name="timeout">How long it may take.</param>
    /// <returns>Whether everything that was under way had its end.</returns>
    public bool Stop(TimeSpan timeout) => End(() =>
    {
        bool clean = _runner.Stop(timeout);
        _device.Delete(timeout);
        return clean;
    });

    /// <summary>
    /// Waits until the device has followed the last change of the disk's size, or could not, which is logged. The kernel
    /// has ten seconds for it.
    /// </summary>
    /// <returns>Whether the users of the device see the size that the disk has.</returns>
    public bool FollowSize()
    {
        _resize.Flush();
        return _device.Parameters.DevSectors == _disk.CapacitySectors;
    }

    /// <summary>
    /// Leaves a recoverable device as it is, without a server, for the next one to take over. One that is not
    /// recoverable goes.
    /// </summary>
    public void Leave() => End(() =>
    {
        _runner.Abandon();
        return true;
    });

    /// <summary>As <see cref="Stop"/>, with the runner's own limit of time. Nothing after <see cref="Stop"/> or <see cref="Leave"/>.</summary>
    public void Dispose() => Stop(TimeSpan.FromSeconds(30));

    private static UblkDevice Create(UblkControl control, BlockDevice disk, UblkHostOptions options, CancellationToken cancellationToken) =>
        UblkDevice.Create(
            control,
            new UblkDeviceOptions
            {
                Id = options.Id ?? -1,
                Queues = options.Queues,
                QueueDepth = options.QueueDepth,
                MaxIoBytes = options.MaxIoBytes,
                Features = FeaturesOf(control, options),
                Parameters = DiskParameters.Of(disk, options),
                ServerData = IdentityOf(disk, options),
            },
            options.Runner.Timeout,
            cancellationToken);

    // A device that nobody serves is taken over if it can be, or is in the way of one that is made.
    private static UblkDevice? TakeOver(UblkControl control, BlockDevice disk, UblkHostOptions options, CancellationToken cancellationToken)
    {
        if (options.Id is not { } id || !UblkControl.ListIds().Contains(id))
        {
            return null;
        }

        string doing = $"taking ublk device {id} over";
        UblkDevice there = UblkDevice.Attach(control, id, cancellation: cancellationToken);
        if (there.Info.State == UblkDeviceState.Live && IsAlive(there.Info.ServerPid))
        {
            throw new UblkException(UblkErrorKind.Busy, Errno.EBUSY, doing, $"process {there.Info.ServerPid} serves it", "stop that one first, or give another number");
        }

        if ((there.Info.Features & UblkFeatures.UserRecovery) == 0 || there.Info.State == UblkDeviceState.Dead)
        {
            // Its disk is gone, or going: nothing can be lost.
            control.DeleteDevice(id, options.Runner.Timeout, cancellationToken);
            return null;
        }

        EnsureSame(there, disk, options, doing);
        return UblkDevice.Recover(control, id, options.Runner.Timeout, cancellationToken);
    }

    // A process that has ended and that nobody has asked for its end serves nothing.
    private static bool IsAlive(int process)
    {
        if (process <= 0 || process == Environment.ProcessId)
        {
            return false;
        }

        try
        {
            string stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[stat.LastIndexOf(')')..] is not [_, _, 'Z' or 'X', ..];
        }
        catch (IOException)
        {
            return false;
        }
    }

    // Users have the old disk open: one of other data in its place would be worse than none.
    private static void EnsureSame(UblkDevice there, BlockDevice disk, UblkHostOptions options, string doing)
    {
        UblkParameters has = there.Parameters;
        string? differs =
            has.DevSectors != disk.CapacitySectors ? $"it has {has.DevSectors} sectors, and {disk.Name} has {disk.CapacitySectors}"
            : has.LogicalBlockSize != disk.Limits.LogicalBlockSize ? $"its blocks have {has.LogicalBlockSize} bytes, and those of {disk.Name} {disk.Limits.LogicalBlockSize}"
            : has.PhysicalBlockSize != disk.Limits.PhysicalBlockSize ? $"its physical blocks have {has.PhysicalBlockSize} bytes, and those of {disk.Name} {disk.Limits.PhysicalBlockSize}"
            : UblkDataModes.Of(there.Info.Features) is UblkDataMode.ZeroCopy or UblkDataMode.AutoZeroCopy && (disk.Limits.Features & QueueFeatures.RegisteredBuffers) == 0 ? $"it moves data without a copy, which not all paths of {disk.Name} can"
            : (disk.Limits.Features & QueueFeatures.WriteCache) != 0 && (has.Attributes & UblkAttributes.VolatileCache) == 0 ? $"it has no volatile cache, and {disk.Name} has: flushes would be missing"
            : disk.IsReadOnly && (has.Attributes & UblkAttributes.ReadOnly) == 0 ? $"it can be written to, and {disk.Name} cannot"
            : there.Info.ServerData != IdentityOf(disk, options) ? $"it showed other data than {disk.Name}"
            : null;
        if (differs is not null)
        {
            throw new UblkException(UblkErrorKind.Other, Errno.EINVAL, doing, differs, "serve what it showed before, or delete it");
        }
    }

    private static UblkFeatures FeaturesOf(UblkControl control, UblkHostOptions options)
    {
        UblkFeatures features = options.Recovery.ToFeatures() | options.Mode.ToFeatures()
            | (options.Batch ? UblkFeatures.BatchIo : 0)
            | (options.NoPartitionScan ? UblkFeatures.NoPartitionScan : 0)
            | (options.Unprivileged ? UblkFeatures.UnprivilegedDevice : 0)
            | (options.Runner.Threads > options.Queues && !options.Batch ? UblkFeatures.PerIoDaemon : 0);

        // What costs nothing and may be wanted later.
        UblkFeatures welcome = UblkFeatures.UpdateSize | UblkFeatures.SafeStop
            | (options.Recovery != UblkRecovery.None ? UblkFeatures.Quiesce : 0);
        return features | (welcome & control.Features);
    }

    /// <summary>A number that stands for the data, so that it fits in what the driver keeps for a server (FNV-1a).</summary>
    private static ulong IdentityOf(BlockDevice disk, UblkHostOptions options)
    {
        ulong hash = 14695981039346656037;
        foreach (byte character in Encoding.UTF8.GetBytes(options.Identity ?? disk.Name))
        {
            hash = (hash ^ character) * 1099511628211;
        }

        return hash;
    }

    private bool End(Func<bool> end)
    {
        lock (_lock)
        {
            if (_stopped)
            {
                return true;
            }

            _stopped = true;
            _disk.Changed -= OnChanged;
            _resize.Flush();
            try
            {
                return end();
            }
            finally
            {
                _runner.Dispose();
                _device.Dispose();
                _control.Dispose();
                _open?.Dispose();
            }
        }
    }

    private void OnChanged(BlockDevice disk)
    {
        if (disk.CapacitySectors != _device.Parameters.DevSectors && disk.CapacitySectors != 0)
        {
            _resize.Queue();
        }
    }

    private void Resize()
    {
        long sectors = _disk.CapacitySectors;
        if (sectors != _device.Parameters.DevSectors && sectors != 0 && !_stopped)
        {
            _device.Resize(sectors, s_resizeTimeout);
            _logger.Resized(_device.Id, sectors);
        }
    }
}
