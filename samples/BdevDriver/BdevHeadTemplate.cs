using BdevDriver.Abi;
using BdevDriver.Reservations;
using LibMultipath.Attributes;
using LibMultipath.Block;
using LibMultipath.Passthrough;
using LibMultipath.Paths;
using LibMultipath.Reservations;

namespace BdevDriver;

/// <summary>What a head of paths to block devices needs of its driver.</summary>
/// <param name="policy">How paths are selected; heads that share the object share the policy.</param>
/// <param name="scope">What the target knows a registration by (<see cref="BdevPath.ReservationScopeOf"/>).</param>
public sealed class BdevHeadTemplate(MpathIoPolicy policy, ReservationScope scope = ReservationScope.Nexus) 
    : IMpathHeadTemplate, IMpathReservationTemplate, IMpathBdevIoctl, IMpathGeometry, IMpathUniqueId, IMpathDeviceGroups
{
    /// <inheritdoc/>
    public MpathIoPolicy Policy { get; } = policy;

    /// <inheritdoc/>
    public ReservationScope ReservationScope { get; } = scope;

    /// <summary>A path that is down comes back with its device, unless that was removed, or the path's controller is gone for good.</summary>
    public bool AvailablePath(MpathDevice path) => path.Controller.MayComeBack && path.Disk is BdevPath { IsGone: false };

    /// <summary>Has the device asked, by the one who watches it.</summary>
    public void RereadState(MpathDevice path) => DeviceOf(path).RereadState();

    /// <summary>
    /// Passes an ioctl on to the device, if it is one that <see cref="BdevPath.Ioctl"/> passes on. A SCSI command is refused
    /// (EPERM) to whoever may not send raw ones: the kernel sees this process, which may, and would let it through.
    /// </summary>
    public IoctlStep BeginIoctl(MpathDevice path, in MpathIoctl ioctl)
    {
        BdevPath device = DeviceOf(path);
        (uint code, nint argument) = (ioctl.Code, ioctl.Argument);
        return code == Ioctls.SG_IO && !ioctl.HasRawIo
            ? IoctlStep.Done(-(int)Errno.EPERM)
            : IoctlStep.GoOn(() => device.TryIoctl(code, argument));
    }

    /// <inheritdoc/>
    public DiskGeometry? GetGeometry(MpathDevice path) => DeviceOf(path).ReadGeometry();

    /// <inheritdoc/>
    public int GetUniqueId(MpathDevice path, UniqueIdKind kind, Span<byte> id) =>
        DeviceOf(path).UniqueId is { Bytes.Length: > 0 } known && known.Kind == kind && known.Bytes.TryCopyTo(id)
            ? known.Bytes.Length
            : -(int)Errno.EINVAL;

    /// <summary>What sysfs shows of the device: what it is called, its state in the words of its driver, and its id.</summary>
    public IEnumerable<MpathAttributeNode> AttributesOf(MpathDevice path)
    {
        BdevPath device = DeviceOf(path);
        return [new MpathAttributeGroup(
            "device",
            new MpathAttribute("name", () => device.File),
            new MpathAttribute("state", () => device.DeviceState),
            new MpathAttribute("wwid", () => device.UniqueId?.Text ?? ""))];
    }

    /// <inheritdoc/>
    public PrStatus Register(MpathDevice path, ulong oldKey, ulong newKey, bool ignoreKey) => Of(path).Register(oldKey, newKey, ignoreKey);

    /// <inheritdoc/>
    public PrStatus Reserve(MpathDevice path, ulong key, PrType type) => Of(path).Reserve(key, type);

    /// <inheritdoc/>
    public PrStatus Release(MpathDevice path, ulong key, PrType type) => Of(path).Release(key, type);

    /// <inheritdoc/>
    public PrStatus Preempt(MpathDevice path, ulong key, ulong victim, PrType type, bool abort) => Of(path).Preempt(key, victim, type, abort);

    /// <inheritdoc/>
    public PrStatus Clear(MpathDevice path, ulong key) => Of(path).Clear(key);

    /// <inheritdoc/>
    public PrStatus ReadKeys(MpathDevice path, out PrKeys? keys) => Of(path).ReadKeys(out keys);

    /// <inheritdoc/>
    public PrStatus ReadReservation(MpathDevice path, out PrReservation? reservation) => Of(path).ReadReservation(out reservation);

    private static DeviceReservations Of(MpathDevice path) => DeviceOf(path).Reservations;

    private static BdevPath DeviceOf(MpathDevice path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return (BdevPath)path.Disk;
    }
}
