namespace LibMultipath.Tests.Torture;

/// <summary>
/// The torture runs alone: it counts the stale completions of the whole process, and takes all processors.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TortureGroup
{
    public const string Name = "torture";
}
