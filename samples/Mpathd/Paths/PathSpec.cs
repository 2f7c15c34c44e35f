namespace Mpathd.Paths;

/// <summary>What a user asks for with one <c>--path</c>.</summary>
/// <param name="Node">The NUMA node that the path counts as near to; -1 for none.</param>
internal abstract record PathSpec(int Node)
{
    /// <summary>The highest node that can be given: what Linux can be built for, less one.</summary>
    public const int MaxNode = 1023;
}
