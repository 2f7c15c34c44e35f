namespace LibMultipath.Tests.Reclamation;

/// <summary>What a litmus test looks at.</summary>
internal enum LitmusKind
{
    /// <summary>The barrier as it is.</summary>
    ProcessWideBarrier,

    /// <summary>A barrier of the updater alone, which is wrong: the processor's order of loads and stores is not kept.</summary>
    OrdinaryBarrier,

    /// <summary>A reader that loads before its section begins, which is wrong in whatever order the processor works.</summary>
    LateSection,
}
