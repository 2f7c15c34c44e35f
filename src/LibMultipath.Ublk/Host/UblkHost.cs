using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.IoUring;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Devices;
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
    /// <exception cref="ArgumentException">So many threads cannot serve so many queues in this way; nothing was made.</exception>
    /// <exception cref="BlockException">The disk is not live (ENXIO).</exception>
    /// <exception cref="UblkException">It cannot be done; the message says why, and what to do.</exception>
    /// <remarks>
    /// A head disk takes no path any more that the device could not go on with: without a copy, one that cannot move
    /// registered buffers, or needs its data aligned more strictly; where the device has no volatile cache, one that has.
    /// A zoned disk is a zoned device; it does not follow changes of size, which the kernel does not offer.
    /// </remarks>
    /// <exception cref="RingException">There can be no ring; the message says why, and what to do.</exception>
    public static UblkHost Start(BlockDevice disk, UblkHostOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(disk);
        options ??= new UblkHostOptions();
        ILogger logger = options.Runner.Logger ?? NullLogger.Instance;
        UblkFeatures asked = Asked(disk, options);
        _ = UblkRunner.ThreadsFor(options.Queues, options.QueueDepth, asked, options.Runner.Threads);
        DataModeFit.Ensure(disk, options.Mode);
        MpathDiskHandle? open = (disk as MpathDisk ?? (disk as PartitionDisk)?.Whole as MpathDisk)?.Open();
        UblkControl? control = null;
        UblkDevice? device = null;
        UblkRunner? runner = null;
        try
        {
            control = UblkControl.Open();
            UblkFeatures features = asked | (Welcome(options) & control.Features);
            UblkDevice? taken = DeviceTakeOver.TryTake(control, disk, options, cancellationToken);
            device = taken ?? Create(control, disk, features, options, cancellationToken);
            foreach (string warning in taken is null ? device.Warnings : DeviceTakeOver.Differences(taken.Info, options))
            {
                logger.DeviceWarning(device.Id, warning);
            }

            KeepFit(device, disk, open);
            var target = new DiskTarget(disk, device.Info.Queues, device.Info.QueueDepth);
            runner = UblkRunner.Start(device, target, options.Runner, cancellationToken);
            return new UblkHost(disk, open, control, device, runner, logger);
        }
        catch
        {
            runner?.Dispose();
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
    /// Leaves a recoverable device to the next server, as <see cref="UblkRunner.Leave"/> does: what is under way ends first,
    /// where the kernel can quiesce the device, and new I/O waits or fails as <see cref="UblkHostOptions.Recovery"/> says.
    /// One that is not recoverable is stopped.
    /// </summary>
    /// <param name="timeout">How long it may take.</param>
    /// <returns>
    /// Whether everything that was under way had its end. If not, the old process may still write: end it before another
    /// one serves the device.
    /// </returns>
    public bool Leave(TimeSpan timeout) =>
        (_device.Info.Features & UblkFeatures.UserRecovery) == 0 ? Stop(timeout) : End(() => _runner.Leave(timeout));

    /// <summary>As <see cref="Stop"/>, with the runner's own limit of time. Nothing after <see cref="Stop"/> or <see cref="Leave"/>.</summary>
    public void Dispose() => Stop(TimeSpan.FromSeconds(30));

    private static UblkDevice Create(UblkControl control, BlockDevice disk, UblkFeatures features, UblkHostOptions options, CancellationToken cancellationToken) =>
        UblkDevice.Create(
            control,
            new UblkDeviceOptions
            {
                Id = options.Id ?? -1,
                Queues = options.Queues,
                QueueDepth = options.QueueDepth,
                MaxIoBytes = options.MaxIoBytes,
                Features = features,
                Parameters = DiskParameters.Of(disk, options),
                ServerData = DiskParameters.IdentityOf(disk, options),
            },
            options.Runner.Timeout,
            cancellationToken);

    // Paths come and go, and the device stays as it is: one that it could not be shown over is refused from here on. One
    // that came just now is found here.
    private static void KeepFit(UblkDevice device, BlockDevice disk, MpathDiskHandle? open)
    {
        QueueLimits limits = open?.Keep(DiskParameters.ReliedOn(device), DiskParameters.AlignmentOf(device)) ?? disk.Limits;
        if (DiskParameters.Misfit(device, disk.Name, limits) is { } misfit)
        {
            throw new UblkException(UblkErrorKind.Other, Errno.EINVAL, $"showing {disk.Name} as ublk device {device.Id}", misfit, "show it again");
        }
    }

    // Zone reports are copied by the server in any mode.
    private static UblkFeatures Asked(BlockDevice disk, UblkHostOptions options) => options.Recovery.ToFeatures() | options.Mode.ToFeatures()
        | ((disk.Limits.Features & QueueFeatures.Zoned) != 0 ? UblkFeatures.Zoned | UblkFeatures.UserCopy : 0)
        | (options.Batch ? UblkFeatures.BatchIo : 0)
        | (options.NoPartitionScan ? UblkFeatures.NoPartitionScan : 0)
        | (options.Unprivileged ? UblkFeatures.UnprivilegedDevice : 0)
        | (options.Runner.Threads > options.Queues && !options.Batch ? UblkFeatures.PerIoDaemon : 0);

    // What costs nothing and may be wanted later.
    private static UblkFeatures Welcome(UblkHostOptions options) => UblkFeatures.UpdateSize | UblkFeatures.SafeStop
        | (options.Recovery != UblkRecovery.None ? UblkFeatures.Quiesce : 0);

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
