namespace LibMultipath.Tests.Torture;

/// <summary>What a path does to an attempt.</summary>
internal enum TortureFault
{
    /// <summary>Carries it out, and says so.</summary>
    None,

    /// <summary>Carries it out, and says that the path failed.</summary>
    LostAck,

    /// <summary>Does not carry it out, and says that the path failed.</summary>
    Fail,

    /// <summary>Wants to have it again.</summary>
    Retry,

    /// <summary>Says that the access state does not allow it.</summary>
    AccessState,
}
