namespace RingPeer;

/// <summary>What a producer has done with a record.</summary>
internal enum Step : byte
{
    None,

    /// <summary>It was reserved, or nearly.</summary>
    Reserving,

    /// <summary>It was submitted, or nearly.</summary>
    Submitting,

    Submitted,

    /// <summary>It was discarded, or nearly.</summary>
    Discarding,
}
