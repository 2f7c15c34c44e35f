namespace LibMultipath.RingBuffer;

/// <summary>Whether a drain wakes producers that wait for room. Without flags it does if it consumed a record, a discarded one included.</summary>
[Flags]
public enum UserRingDrainFlags
{
    /// <summary>If a record was consumed.</summary>
    None = 0,

    /// <summary>
    /// Never (<c>BPF_RB_NO_WAKEUP</c>): who waits sleeps on. Who awaits, or waits with a token that can be cancelled, looks again
    /// ten times a second, and finds the room then.
    /// </summary>
    NoWakeup = 1,

    /// <summary>Always (<c>BPF_RB_FORCE_WAKEUP</c>), even if nothing was consumed. Stronger than the other.</summary>
    ForceWakeup = 2,
}
