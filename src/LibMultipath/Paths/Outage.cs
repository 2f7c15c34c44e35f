namespace LibMultipath.Paths;

/// <summary>One time without a connection, from its loss to its return or its end. Under the lock of its recovery.</summary>
internal sealed class Outage(long start)
{
    /// <summary>The timestamp of the loss: what the fast-fail time and the loss time count from.</summary>
    public long Start { get; } = start;

    /// <summary>The attempt that is under way.</summary>
    public ConnectAttempt? Attempt { get; set; }

    /// <summary>Attempts that have failed one after the other; what the back-off grows with.</summary>
    public int Failures { get; set; }

    /// <summary>The timestamp of the last failure; what the back-off counts from.</summary>
    public long LastFailure { get; set; } = start;

    /// <summary>Whether somebody does not want to wait for the next attempt.</summary>
    public bool IsHurried { get; set; }

    /// <summary>The time from a failure to the next attempt: none, a second, doubling up to the longest.</summary>
    public TimeSpan Delay(TimeSpan longest)
    {
        if (Failures == 0 || IsHurried)
        {
            return TimeSpan.Zero;
        }

        // 2^22 seconds are about the longest time there is.
        var delay = TimeSpan.FromSeconds(1 << Math.Min(Failures - 1, 22));
        return delay < longest ? delay : longest;
    }
}
