using LibMultipath.Paths;

namespace LibMultipath.Reservations;

/// <summary>
/// For a template whose paths know persistent reservations (<c>struct pr_ops</c>). Each operation goes down one path, as it
/// is; <c>MpathReservations</c> makes one device of them.
/// </summary>
/// <remarks>
/// All may block, and are called one at a time for a head, on any thread, outside of its read sections. A driver waits out
/// what the target asks it to (a unit attention, busy). One that finds the path not working says so with
/// <see cref="MpathDevice.SetDown"/> or the controller's state <i>before</i> it answers with a path's failure: a path that
/// fails and is not down counts as one that cannot do the operation. What it throws is logged, and taken for
/// <see cref="PrStatus.IoError"/>.
/// </remarks>
public interface IMpathReservationTemplate
{
    /// <summary>What the target knows a registration by. The same at every call.</summary>
    ReservationScope ReservationScope { get; }

    /// <summary>Registers a key (<c>pr_register</c>).</summary>
    /// <param name="path">The path.</param>
    /// <param name="oldKey">The key that is registered now; 0 for none.</param>
    /// <param name="newKey">The key from now on; 0 ends the registration.</param>
    /// <param name="ignoreKey">Whether the old key may be another one (<c>PR_FL_IGNORE_KEY</c>).</param>
    PrStatus Register(MpathDevice path, ulong oldKey, ulong newKey, bool ignoreKey);

    /// <summary>Reserves (<c>pr_reserve</c>).</summary>
    PrStatus Reserve(MpathDevice path, ulong key, PrType type);

    /// <summary>Ends a reservation (<c>pr_release</c>); nothing happens when somebody else has it.</summary>
    PrStatus Release(MpathDevice path, ulong key, PrType type);

    /// <summary>Takes a registration, and a reservation with it, away from somebody (<c>pr_preempt</c>).</summary>
    /// <param name="path">The path.</param>
    /// <param name="key">The key of the path.</param>
    /// <param name="victim">The key of those who lose it.</param>
    /// <param name="type">The type of the reservation that takes the place of the victim's, if that had one.</param>
    /// <param name="abort">Whether the victim's commands are aborted (<c>PREEMPT AND ABORT</c>).</param>
    PrStatus Preempt(MpathDevice path, ulong key, ulong victim, PrType type, bool abort);

    /// <summary>Ends all registrations and the reservation (<c>pr_clear</c>).</summary>
    PrStatus Clear(MpathDevice path, ulong key);

    /// <summary>Reads all keys (<c>pr_read_keys</c>).</summary>
    PrStatus ReadKeys(MpathDevice path, out PrKeys? keys);

    /// <summary>Reads who has reserved (<c>pr_read_reservation</c>); null with success when nobody has.</summary>
    PrStatus ReadReservation(MpathDevice path, out PrReservation? reservation);
}
