namespace LibMultipath.Block;

/// <summary>What becomes of a bio when a driver ends an attempt at it.</summary>
public enum AttemptOutcome : byte
{
    /// <summary>The bio is done, with the attempt's status, good or bad.</summary>
    Done,

    /// <summary>The same path should try again after a delay.</summary>
    Retry,

    /// <summary>The path failed; on a multipath disk another path should try (<c>nvme_failover_req</c>).</summary>
    PathError,

    /// <summary>
    /// A path error whose cause is the path's access state: the path is not used again until the driver has read
    /// its state anew.
    /// </summary>
    AccessStateError,
}
