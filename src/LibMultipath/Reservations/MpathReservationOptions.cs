namespace LibMultipath.Reservations;

/// <summary>How reservations are dealt with. Everything has a default.</summary>
public sealed record MpathReservationOptions
{
    /// <summary>The longest that either time may be.</summary>
    public static readonly TimeSpan MaxTime = TimeSpan.FromHours(1);

    /// <summary>
    /// How long I/O is held at the most while registrations are in between two states; then it goes on, whatever becomes of
    /// it. More than zero, up to <see cref="MaxTime"/>; 30 seconds unless set.
    /// </summary>
    public TimeSpan HoldLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long after a path could not be brought into line it is tried again. More than zero, up to <see cref="MaxTime"/>; a
    /// second unless set.
    /// </summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);
}
