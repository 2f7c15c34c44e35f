namespace Mpathd.Runs;

/// <summary>Where a run is.</summary>
internal enum RunPhase
{
    /// <summary>Nothing was submitted yet.</summary>
    Starting,

    /// <summary>The workload runs, and faults with it.</summary>
    Working,

    /// <summary>Nothing is submitted any more; what is under way ends.</summary>
    Draining,

    /// <summary>Every block is read and looked at.</summary>
    ReadingBack,

    /// <summary>All has ended.</summary>
    Done,
}
