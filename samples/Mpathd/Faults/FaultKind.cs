namespace Mpathd.Faults;

/// <summary>What a step of a fault plan does.</summary>
internal enum FaultKind
{
    /// <summary>The descriptor of a path is closed under its I/O.</summary>
    Fail,

    /// <summary>The path is opened again.</summary>
    Restore,

    /// <summary>The path becomes the best there is.</summary>
    MakeOptimized,

    /// <summary>The path becomes one for when there is no better.</summary>
    MakeNonOptimized,

    /// <summary>The path becomes one that cannot be used.</summary>
    MakeInaccessible,

    /// <summary>A path is added, then the path is removed, under its I/O.</summary>
    Replace,

    /// <summary>All paths fail; after a while one works again, then the rest.</summary>
    LoseAll,

    /// <summary>All paths fail and are removed, so that the head is about to go; then as many are added.</summary>
    RemoveAll,

    /// <summary>Paths are selected in another way.</summary>
    ChangePolicy,
}
