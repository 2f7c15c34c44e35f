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

    /// <summary>Every reason for which a path is disabled.</summary>
    DisabledMask = NotLive | Pending | ControllerDown | CapacityMismatch | Removed,
}
