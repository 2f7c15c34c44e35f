namespace LibMultipath.Reservations;

/// <summary>Who has reserved (<c>struct pr_held_reservation</c>).</summary>
/// <param name="Generation">Counts the changes of registrations (PRGENERATION); it wraps.</param>
/// <param name="Key">The key of the holder; 0 for a type that all registrants hold.</param>
/// <param name="Type">What it keeps others from.</param>
public sealed record PrReservation(uint Generation, ulong Key, PrType Type);
