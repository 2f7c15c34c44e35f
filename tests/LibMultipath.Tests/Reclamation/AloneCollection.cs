namespace LibMultipath.Tests.Reclamation;

/// <summary>Tests that want the processors for themselves: they run after the others, one at a time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "alone";
}
