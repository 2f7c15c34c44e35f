using BdevDriver.Devices;
using BdevDriver.Reservations;
using LibMultipath.Block;
using LibMultipath.Reservations;
using LoopDriver;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;

namespace BdevDriver;

/// <summary>
/// A path to a block device of the machine: a SCSI disk, an NVMe namespace, any other. Its state is the device's: it goes
/// down when the device does, comes back with it, and fails for good when the device is removed.
/// </summary>
/// <remarks>
/// The device is opened for direct I/O, and shared with whoever else has it open: several paths of a disk, and their
/// users, are the rule. Who keeps others off is a persistent reservation.
/// </remarks>
public sealed partial class BdevPath : DescriptorPath
{
    private static readonly TimeSpan s_mostPoll = TimeSpan.FromDays(1);

    private readonly BdevOptions _options;
    private readonly DeviceWatch _watch;
    private readonly DeviceErrors _errors;
    private readonly DeviceProbe _probe;
    private readonly ILogger _logger;
    private DeviceFolder _folder;
    private DeviceIdentity _identity;

    private BdevPath(string name, BdevOptions options, DeviceWatch watch, DeviceErrors errors, BdevFile device)
        : base(name, options, new DeviceTarget(options, watch, errors, device.Zones), device)
    {
        _options = options;
        _watch = watch;
        _errors = errors;
        _logger = options.Logger ?? NullLogger.Instance;
        _folder = device.Folder;
        _identity = device.Identity;
        _probe = new DeviceProbe(options, OnAnswered);
        errors.Follow(_folder.Disk);
        DeviceLook now = DeviceLook.At(_folder, _identity.Sequence);
        (DeviceState, _access) = (now.State, now.Access);
        Reservations = new DeviceReservations(this);
        try
        {
            watch.Start($"{name}/watch", Look, exception => _logger.WatchFaulted(exception, Name, File));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What the kernel calls the device.</summary>
    public DeviceNumber Number => _identity.Number;

    /// <summary>What the device is, whichever path it is reached by; null for a device that has no id.</summary>
    public UniqueId? UniqueId => _identity.Id;

    /// <summary>What its data is, in words: the id, or the number of the device.</summary>
    public string Identity => _identity.ToString();

    /// <summary>Whether it is a partition of a disk.</summary>
    internal bool IsPartition => _folder.IsPartition;

    /// <summary>What the reservations on it go through.</summary>
    internal DeviceReservations Reservations { get; }

    /// <summary>Opens a device as a path.</summary>
    /// <param name="name">What people call the path.</param>
    /// <param name="options">The device, and how it is used.</param>
    /// <exception cref="BlockException">The device cannot be used; the message says why, and what to do.</exception>
    public static BdevPath Open(string name, BdevOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ThrowIfOutOfRange(options.Poll, nameof(options.Poll));
        ThrowIfOutOfRange(options.CalmPoll, nameof(options.CalmPoll));
        options = options with { Device = System.IO.Path.GetFullPath(options.Device) };
        BdevFile device = BdevFile.Open(options);
        return device.Use(() => new BdevPath(name, options, new DeviceWatch(), new DeviceErrors(), device));
    }

    /// <summary>
    /// Whether somebody in the kernel has the device, its disk or a partition of it, for himself: a file system, swap space,
    /// another device that is made of it.
    /// </summary>
    public bool IsClaimed() => _options.System.IsClaimed(File);

    /// <summary>
    /// What a target knows a registration by that comes through a device: an NVMe target the host, any other the path.
    /// </summary>
    /// <exception cref="BlockException">The device cannot be used.</exception>
    public static ReservationScope ReservationScopeOf(BdevOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        BdevFile device = BdevFile.Open(options with { ReadOnly = true });
        using (device.Handle)
        {
            return device.Folder.Subsystem is { } kind && kind.StartsWith("nvme", StringComparison.Ordinal) ? ReservationScope.Host : ReservationScope.Nexus;
        }
    }

    /// <summary>Refuses paths that do not all lead to one device: a disk over them would return now the one's data, now the other's.</summary>
    /// <param name="paths">The paths that are to be one disk.</param>
    /// <exception cref="BlockException">
    /// Two differ in their ids, or only one has an id, or they are other partitions, or of different sizes (EINVAL). Where
    /// none has an id, and the devices are not the same, nobody can tell: that is logged.
    /// </exception>
    public static void EnsureSameDevice(IEnumerable<BdevPath> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        BdevPath? first = null;
        foreach (BdevPath path in paths)
        {
            first ??= path;
            path.EnsureSameDevice(first);
        }
    }

    /// <summary>
    /// Takes another capacity, because the device has another now. A head hears of it when it revalidates. A path that has
    /// failed takes it as well, and can be restored then.
    /// </summary>
    /// <param name="capacitySectors">In sectors of 512 bytes: what the device has to have.</param>
    /// <exception cref="BlockException">The device has another (EINVAL), or none (ENODEV).</exception>
    public void Resize(long capacitySectors)
    {
        lock (StateLock)
        {
            EnsureSize(capacitySectors);
            SetCapacity(capacitySectors);
        }
    }

    /// <summary>Refuses a capacity that the device does not have. One that has failed may have any.</summary>
    /// <param name="capacitySectors">In sectors of 512 bytes.</param>
    /// <exception cref="BlockException">The device has another (EINVAL), or none (ENODEV).</exception>
    public void EnsureSize(long capacitySectors)
    {
        if (Handle is { } device && BdevFile.SectorsOf(_options.System, device) is var sectors && sectors != capacitySectors)
        {
            throw new BlockException(sectors == 0 ? Errno.ENODEV : Errno.EINVAL,
                $"{File} has {sectors} sectors, and not {capacitySectors}; change the size where its data is, and have the kernel look: echo 1 > /sys/block/{_folder.Disk.Name}/device/rescan");
        }
    }

    private protected override void EnsureSameData(IReadOnlyList<DescriptorPath> others) => EnsureSameDevice([.. others.OfType<BdevPath>(), this]);

    private protected override SafeFileHandle Reopen()
    {
        BdevFile device = BdevFile.Open(_options);
        return device.Use(() =>
        {
            if (!_identity.IsSame(device.Identity) || device.CapacitySectors != CapacitySectors)
            {
                throw new BlockException(Errno.ESTALE,
                    $"{File} ({device.Identity}, {device.CapacitySectors} sectors) is not the device that {Name} was opened for ({_identity}, {CapacitySectors} sectors); put that one back");
            }

            (_folder, _identity, IsGone, _toldGone, _suspect) = (device.Folder, device.Identity, false, false, false);
            _errors.Follow(_folder.Disk);
            return device.Handle;
        });
    }

    private static void ThrowIfOutOfRange(TimeSpan poll, string name)
    {
        if (poll <= TimeSpan.Zero || poll > s_mostPoll)
        {
            throw new ArgumentOutOfRangeException(name, poll, $"Give more than zero, and at most {s_mostPoll.TotalHours} hours.");
        }
    }

    private void EnsureSameDevice(BdevPath first)
    {
        if (!Equals(UniqueId, first.UniqueId) || _identity.Start != first._identity.Start)
        {
            throw new BlockException(Errno.EINVAL,
                $"{first.File} ({first.Identity}) and {File} ({Identity}) are not the same device; the paths of a disk lead to one device");
        }

        if (CapacitySectors != first.CapacitySectors)
        {
            throw new BlockException(Errno.EINVAL,
                $"{File} ({Identity}) has {CapacitySectors} sectors, {first.File} has {first.CapacitySectors}; have the kernel look at both again: echo 1 > /sys/block/{_folder.Disk.Name}/device/rescan");
        }

        if (UniqueId is null && Number != first.Number)
        {
            _logger.NoId(first.File, File);
        }
    }
}
