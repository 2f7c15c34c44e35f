using BdevDriver.Reservations;
using LibMultipath.Paths;
using LibMultipath.Reservations;

namespace BdevDriver;

/// <summary>What a head of paths to block devices needs of its driver.</summary>
/// <param name="policy">How paths are selected; heads that share the object share the policy.</param>
/// <param name="scope">What the target knows a registration by (<see cref="BdevPath.ReservationScopeOf"/>).</param>
public sealed class BdevHeadTemplate(MpathIoPolicy policy, ReservationScope scope = ReservationScope.Nexus) : IMpathHeadTemplate, IMpathReservationTemplate
{
    /// <inheritdoc/>
    public MpathIoPolicy Policy { get; } = policy;

    /// <inheritdoc/>
    public ReservationScope ReservationScope { get; } = scope;

    /// <summary>A path that is down comes back with its device, unless that was removed, or the path's controller is gone for good.</summary>
    public bool AvailablePath(MpathDevice path) => path.Controller.MayComeBack && path.Disk is BdevPath { IsGone: false };

    /// <summary>Has the device asked, by the one who watches it.</summary>
    public void RereadState(MpathDevice path) => ((BdevPath)path.Disk).RereadState();

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

    private static DeviceReservations Of(MpathDevice path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return ((BdevPath)path.Disk).Reservations;
    }
}
