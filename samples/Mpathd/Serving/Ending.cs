namespace Mpathd.Serving;

/// <summary>Why a daemon ends.</summary>
internal enum Ending
{
    /// <summary>A signal.</summary>
    Interrupted,

    /// <summary>It was asked to, through its control socket.</summary>
    Stopped,

    /// <summary>Somebody else has taken the block device away.</summary>
    TakenAway,

    /// <summary>The last path has been removed, and none has come in time.</summary>
    OutOfPaths,

    /// <summary>What serves the block device has failed.</summary>
    Failed,
}
