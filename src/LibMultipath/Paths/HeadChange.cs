namespace LibMultipath.Paths;

/// <summary>What has changed of a head.</summary>
internal enum HeadChange
{
    /// <summary>How paths are selected.</summary>
    Policy,

    /// <summary><see cref="MpathHead.DelayedRemovalSecs"/>.</summary>
    DelayedRemovalSecs,

    /// <summary>
    /// How long between attempts to connect: of the head, or of a path what is in force for it; the same holds for the next two.
    /// </summary>
    ReconnectDelay,

    /// <summary><see cref="FailureTimes.FastIoFail"/>.</summary>
    FastIoFail,

    /// <summary><see cref="FailureTimes.Loss"/>.</summary>
    Loss,

    /// <summary>A path was added.</summary>
    PathAdded,

    /// <summary>A path has left the list.</summary>
    PathRemoved,

    /// <summary>The state of a path was set, whether or not to what it was.</summary>
    PathState,

    /// <summary><see cref="MpathDevice.Weight"/> of a path was set.</summary>
    PathWeight,

    /// <summary><see cref="MpathHead.RequeueNoUsablePathCount"/> was set; that it has counted is not told.</summary>
    RequeueNoUsablePathCount,

    /// <summary><see cref="MpathHead.FailNoAvailablePathCount"/>, likewise.</summary>
    FailNoAvailablePathCount,

    /// <summary>A path's count of failovers, likewise.</summary>
    PathFailovers,

    /// <summary>A path's count of retries, likewise.</summary>
    PathRetries,

    /// <summary>A path's count of errors, likewise.</summary>
    PathErrors,
}
