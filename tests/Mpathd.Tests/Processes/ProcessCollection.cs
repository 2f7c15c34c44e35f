namespace Mpathd.Tests.Processes;

/// <summary>One process at a time: they use the whole machine.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ProcessCollection
{
    public const string Name = "processes";
}
