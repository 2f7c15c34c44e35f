namespace LibMultipath.Paths;

/// <summary>
/// The one word in which a path's state is (spec: enabled or not and why, access state). The two lowest bits are the
/// <see cref="MpathAccessState"/>; every bit above them is a reason for which the path is disabled. So a path may be
/// used if and only if the word is 1 (optimized) or 2 (non-optimized).
/// </summary>
[Flags]
internal enum PathState
{
    /// <summary>The access state.</summary>
    AccessMask = 3,

    /// <summary>Enabled and optimized: the whole word.</summary>
    UsableOptimized = MpathAccessState.Optimized,

    /// <summary>Enabled and non-optimized: the whole word.</summary>
    UsableNonOptimized = MpathAccessState.NonOptimized,

    /// <summary>The driver has not set it live, or has taken it down (<c>NVME_NS_READY</c> is clear).</summary>
    NotLive = 1 << 2,

    /// <summary>Its state is being read anew (<c>NVME_NS_ANA_PENDING</c>).</summary>
    Pending = 1 << 3,

    /// <summary>Its controller is neither live nor deleting.</summary>
    ControllerDown = 1 << 4,

    /// <summary>Its capacity is not the head's.</summary>
    CapacityMismatch = 1 << 5,

    /// <summary>It is being removed, or was. Never cleared.</summary>
    Removed = 1 << 6,

    /// <summary>It has to be admitted before it may be used: see <see cref="IPathAdmission"/>.</summary>
    Unadmitted = 1 << 7,

    /// <summary>All I/O of the head is held.</summary>
    Held = 1 << 8,

    /// <summary>
    /// Counts, in the bits from here upwards, how often a path that is to be admitted has not worked since it was last
    /// admitted: an admission that was begun before the last time is worth nothing.
    /// </summary>
    Outage = 1 << 16,

    /// <summary>All bits of the count.</summary>
    OutageMask = ~(Outage - 1),

    /// <summary>The reasons that say nothing of the path itself.</summary>
    KeptBackMask = Unadmitted | Held,

    /// <summary>The reasons for which nothing at all can be sent down a path.</summary>
    DownMask = NotLive | ControllerDown | Removed,

    /// <summary>Every reason for which a path is disabled.</summary>
    DisabledMask = NotLive | Pending | ControllerDown | CapacityMismatch | Removed | KeptBackMask,
}
