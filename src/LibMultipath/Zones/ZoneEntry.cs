namespace LibMultipath.Zones;

/// <summary>What became of a bio that asked for a turn in a zone.</summary>
internal enum ZoneEntry
{
    /// <summary>It has its turn.</summary>
    HasTurn,

    /// <summary>It waits, and is not the caller's any more.</summary>
    Waits,

    /// <summary>It would have to wait, and must not.</summary>
    WouldWait,

    /// <summary>It would have to wait, and its submitter has asked for it back.</summary>
    AskedBack,
}
