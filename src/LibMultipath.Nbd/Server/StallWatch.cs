namespace LibMultipath.Nbd.Server;

/// <summary>
/// Finds out whether a number still grows. Looked at from time to time, so what is counted costs no look at a clock.
/// The time is the server's (<see cref="NbdServer.Lived"/>).
/// </summary>
internal struct StallWatch
{
    private long _value;
    private TimeSpan _since;

    /// <summary>Begins anew: nothing is waited for.</summary>
    public void Reset(long value, TimeSpan now)
    {
        _value = value;
        _since = now;
    }

    /// <summary>How long ago it was that the number had grown by enough, if it has not since.</summary>
    /// <param name="value">The number now.</param>
    /// <param name="enough">By how much it is to grow.</param>
    /// <param name="now">The time now.</param>
    public TimeSpan Standing(long value, long enough, TimeSpan now)
    {
        if (value - _value >= enough)
        {
            Reset(value, now);
        }

        return now - _since;
    }
}
