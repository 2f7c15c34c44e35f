using LibMultipath.Block;
using LibMultipath.Paths;
using LoopDriver;
using NullDriver;

namespace Mpathd.Paths;

/// <summary>What the paths that were asked for have in common: they lead to one disk.</summary>
internal static class PathSpecs
{
    /// <summary>What every <c>--path</c> is told to be.</summary>
    public const string Forms = "loop:FILE[,direct][,node=N] or null:size=1G[,latency=100us][,node=N]";

    /// <summary>Refuses paths that cannot lead to one disk, as far as can be told before anything is opened.</summary>
    /// <param name="paths">At least one.</param>
    /// <exception cref="MpathdException">They are of two kinds, or of different sizes.</exception>
    public static void EnsureOneDisk(IReadOnlyList<PathSpec> paths)
    {
        if (paths.Any(path => path.GetType() != paths[0].GetType()))
        {
            throw MpathdException.WrongArguments(
                "--path: a loop path and a null path lead to different data", "give paths of one kind");
        }

        NullPathSpec[] nulls = [.. paths.OfType<NullPathSpec>()];
        if (nulls.FirstOrDefault(path => path.Size != nulls[0].Size) is { } other)
        {
            throw MpathdException.WrongArguments(
                $"--path: the paths are of different sizes, {SizeText.Format(nulls[0].Size)} and {SizeText.Format(other.Size)}",
                "give paths of one size: they lead to one disk");
        }
    }

    /// <summary>The driver's part of a head of such paths.</summary>
    public static IMpathHeadTemplate TemplateOf(PathSpec path, MpathIoPolicy policy) => path switch
    {
        LoopPathSpec => new LoopHeadTemplate(policy),
        NullPathSpec => new NullHeadTemplate(policy),
        _ => throw NoSuchKind(path),
    };

    /// <summary>What makes the path.</summary>
    /// <param name="path">What was asked for.</param>
    /// <param name="readOnly">Whether the path is only read.</param>
    /// <param name="file">The file that a loop path has to lead to; null for any.</param>
    public static IPathMaker MakerOf(PathSpec path, bool readOnly, FileIdentity? file = null) => path switch
    {
        LoopPathSpec loop => new LoopPathMaker(
            new LoopOptions { File = loop.File, Direct = loop.Direct, ReadOnly = readOnly }, loop.Node, file),
        NullPathSpec @null => new NullPathMaker(
            new NullOptions { CapacitySectors = @null.Size / QueueLimits.SectorSize, Latency = @null.Latency }, @null.Node),
        _ => throw NoSuchKind(path),
    };

    private static ArgumentOutOfRangeException NoSuchKind(PathSpec path) => new(nameof(path), path, "There is no such kind of path.");
}
