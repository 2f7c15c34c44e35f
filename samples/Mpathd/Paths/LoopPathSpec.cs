namespace Mpathd.Paths;

/// <summary>A path to a file: <c>loop:FILE[,direct][,node=N]</c>.</summary>
/// <param name="File">The file, as it was given.</param>
/// <param name="Direct">Whether the page cache is bypassed.</param>
/// <param name="Node">The NUMA node that the path counts as near to; -1 for none.</param>
internal sealed record LoopPathSpec(string File, bool Direct, int Node) : PathSpec(Node);
