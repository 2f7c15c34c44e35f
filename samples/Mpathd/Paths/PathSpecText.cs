using LibMultipath.Topology;

namespace Mpathd.Paths;

/// <summary>Writes what <see cref="PathSpecParser"/> reads, for a process that may be somewhere else.</summary>
internal static class PathSpecText
{
    /// <summary>Writes a SPEC, with the full name of its file.</summary>
    /// <exception cref="MpathdException">The full name cannot be written in one.</exception>
    public static string Format(PathSpec spec) => spec switch
    {
        LoopPathSpec loop => $"loop:{FullName(loop.File)}{(loop.Direct ? ",direct" : "")}{Node(loop)}",
        BdevPathSpec bdev => $"bdev:{FullName(bdev.Device)}{Node(bdev)}{(bdev.Controller is { } id ? $",controller={id}" : "")}{(bdev.State is { } state ? $",state={AccessStateText.Format(state)}" : "")}",
        NbdPathSpec nbd => $"{NbdPathSpecParser.Format(nbd, FullName)}{Node(nbd)}",
        NullPathSpec @null => $"null:size={SizeText.Format(@null.Size)}{(@null.Latency > TimeSpan.Zero ? $",latency={DurationText.Format(@null.Latency)}" : "")}{Node(@null)}",
        _ => throw new ArgumentOutOfRangeException(nameof(spec), spec, "There is no such kind of path."),
    };

    private static string Node(PathSpec spec) => spec.Node == NumaNode.None ? "" : $",node={spec.Node}";

    private static string FullName(string file)
    {
        string full = Path.GetFullPath(file);
        return !full.Contains(',', StringComparison.Ordinal)
            ? full
            : throw MpathdException.WrongArguments($"the full name of the file, {full}, has a comma", "reach it through a link whose full name has none");
    }
}
