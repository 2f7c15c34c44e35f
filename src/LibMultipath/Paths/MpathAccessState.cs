namespace LibMultipath.Paths;

/// <summary>
/// What a path's access state (ANA, ALUA) means for selection (the proposal's <c>enum mpath_access_state</c>). The
/// mapping from a protocol's states is the driver's.
/// </summary>
public enum MpathAccessState
{
    /// <summary>Not usable: ANA inaccessible, persistent loss, change; ALUA standby, unavailable, offline, transitioning.</summary>
    Other = 0,

    /// <summary>The best there is: ANA optimized, ALUA active/optimized.</summary>
    Optimized = 1,

    /// <summary>Usable when no optimized path is: ANA non-optimized, ALUA active/non-optimized.</summary>
    NonOptimized = 2,
}
