using BdevDriver;
using LibMultipath.Block;
using LibMultipath.Nbd.Client;
using LibMultipath.Paths;
using LoopDriver;
using NullDriver;

namespace Mpathd.Paths;

/// <summary>What the paths that were asked for have in common: they lead to one disk.</summary>
internal static class PathSpecs
{
    /// <summary>What every <c>--path</c> is told to be.</summary>
    public const string Forms = $"loop:FILE[,direct][,node=N], bdev:DEVICE[,node=N][,controller=N][,state=S], null:size=1G[,latency=100us][,node=N], {NbdPathSpecParser.Form}";

    /// <summary>What a shell may complete one with.</summary>
    public static IEnumerable<string> Beginnings => ["loop:", "bdev:/dev/", "nbd:unix:", "nbd:tcp:", "nbd://", "null:size=1G"];

    /// <summary>Refuses paths that cannot lead to one disk, as far as can be told before anything is opened.</summary>
    /// <param name="paths">At least one.</param>
    /// <exception cref="MpathdException">They are of two kinds, or of different sizes.</exception>
    public static void EnsureOneDisk(IReadOnlyList<PathSpec> paths)
    {
        if (paths.Any(path => path.GetType() != paths[0].GetType()))
        {
            throw MpathdException.WrongArguments(
                "--path: paths of different kinds lead to different data", "give paths of one kind");
        }

        NullPathSpec[] nulls = [.. paths.OfType<NullPathSpec>()];
        if (nulls.FirstOrDefault(path => path.Size != nulls[0].Size) is { } other)
        {
            throw MpathdException.WrongArguments(
                $"--path: the paths are of different sizes, {SizeText.Format(nulls[0].Size)} and {SizeText.Format(other.Size)}",
                "give paths of one size: they lead to one disk");
        }
    }

    /// <summary>Prepares what the paths lead to, before anything is opened.</summary>
    /// <param name="paths">The paths.</param>
    /// <param name="create">How large files are at least, in bytes; null to leave them alone.</param>
    /// <param name="remedy">How a file is made that is not there, or too small.</param>
    /// <exception cref="MpathdException">A file is not there, or not as it must be.</exception>
    public static void Prepare(IEnumerable<PathSpec> paths, long? create, string remedy)
    {
        foreach (LoopPathSpec path in paths.OfType<LoopPathSpec>())
        {
            LoopFiles.Prepare(path, create, remedy);
        }
    }

    /// <summary>The driver's part of a head of such paths.</summary>
    public static IMpathHeadTemplate TemplateOf(PathSpec path, MpathIoPolicy policy) => path switch
    {
        LoopPathSpec => new LoopHeadTemplate(policy),
        BdevPathSpec bdev => new BdevHeadTemplate(policy, BdevPathMaker.ScopeOf(bdev)),
        NbdPathSpec => new NbdHeadTemplate(policy),
        NullPathSpec => new NullHeadTemplate(policy),
        _ => throw NoSuchKind(path),
    };

    /// <summary>What makes the path.</summary>
    /// <param name="path">What was asked for.</param>
    /// <param name="how">How it is made.</param>
    public static IPathMaker MakerOf(PathSpec path, PathMakerOptions how) => path switch
    {
        LoopPathSpec loop => new LoopPathMaker(
            new LoopOptions { File = loop.File, Direct = loop.Direct, ReadOnly = how.ReadOnly, Logger = how.Logger }, loop.Node, how.Expected),
        BdevPathSpec bdev => new BdevPathMaker(bdev, new BdevOptions { Device = bdev.Device, ReadOnly = how.ReadOnly, Logger = how.Logger }, how.Expected),
        NbdPathSpec nbd => new NbdPathMaker(nbd, how),
        NullPathSpec @null => new NullPathMaker(
            new NullOptions { CapacitySectors = @null.Size / QueueLimits.SectorSize, Latency = @null.Latency }, @null.Node),
        _ => throw NoSuchKind(path),
    };

    /// <summary>Whether what a path leads to is not there now, and may be later: the disk can be served without that path.</summary>
    /// <param name="path">What was asked for.</param>
    /// <param name="exception">Why it could not be made.</param>
    public static bool IsAbsent(PathSpec path, BlockException exception) => path switch
    {
        BdevPathSpec => exception.Errno is Errno.ENXIO or Errno.ENODEV or Errno.ENOENT,
        NbdPathSpec => NbdPathMaker.IsAbsent(exception),
        _ => false,
    };

    private static ArgumentOutOfRangeException NoSuchKind(PathSpec path) => new(nameof(path), path, "There is no such kind of path.");
}
