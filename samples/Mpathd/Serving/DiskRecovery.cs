namespace Mpathd.Serving;

/// <summary>What becomes of the block device, and of the I/O that it has, when the daemon dies.</summary>
internal enum DiskRecovery
{
    /// <summary>The device goes, and its users get errors.</summary>
    None,

    /// <summary>The device waits for another daemon; what was under way is done again. No user sees an error.</summary>
    Reissue,

    /// <summary>The device waits for another daemon; what was under way fails, what comes later waits.</summary>
    Queue,

    /// <summary>The device waits for another daemon; what was under way and what comes meanwhile fails.</summary>
    FailIo,
}
