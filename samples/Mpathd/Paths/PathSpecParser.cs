using LibMultipath.Block;

namespace Mpathd.Paths;

/// <summary>Reads what <c>--path</c> is given. What it refuses, it says with the range and an example.</summary>
internal static class PathSpecParser
{
    private const string LoopForm = "loop:FILE[,direct][,node=N]";
    private const string BdevForm = "bdev:DEVICE[,node=N][,controller=N][,state=S]";
    private const string NullForm = "null:size=1G[,latency=100us][,node=N]";
    private const string CommaHint = "(a file whose name has a comma is reached through a link without one)";

    private static readonly string[] s_loopOptions = ["direct", "node="];
    private static readonly string[] s_bdevOptions = ["node=", "controller=", "state="];

    /// <summary>Reads a SPEC.</summary>
    /// <param name="text">Such as <c>loop:disk.img,direct</c>, <c>bdev:/dev/sda</c>, <c>nbd://host</c> or <c>null:size=1G</c>.</param>
    /// <exception cref="FormatException">It is not one; the message says what is wrong and what to give.</exception>
    public static PathSpec Parse(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string scheme = colon < 0 ? text : text[..colon];
        string[] parts = colon < 0 ? [] : text[(colon + 1)..].Split(',');
        return scheme switch
        {
            "loop" when colon > 0 => ParseLoop(text, parts),
            "bdev" when colon > 0 => ParseBdev(text, parts),
            "null" when colon > 0 => ParseNull(text, parts),
            _ when NbdPathSpecParser.Covers(text) => NbdPathSpecParser.Parse(text),
            _ => throw new FormatException($"'{text}' is not a path; give {PathSpecs.Forms}"),
        };
    }

    private static LoopPathSpec ParseLoop(string text, string[] parts)
    {
        EnsureNamed(text, parts[0], s_loopOptions, "file", $"{LoopForm}, such as loop:disk.img");
        var options = new SpecOptions(text, parts.AsSpan(1), s_loopOptions, ("loop", $"direct or node=N {CommaHint}"));
        return new LoopPathSpec(parts[0], options.Has("direct"), SpecValues.NodeOf(options));
    }

    private static BdevPathSpec ParseBdev(string text, string[] parts)
    {
        EnsureNamed(text, parts[0], s_bdevOptions, "device", $"{BdevForm}, such as bdev:/dev/sda");
        var options = new SpecOptions(text, parts.AsSpan(1), s_bdevOptions, ("bdev", $"node=N, controller=N or state=S {CommaHint}"));
        return new BdevPathSpec(
            parts[0],
            options.Of("controller", (text, value) => SpecValues.ParseNumber(text, "controller", value, BdevPathSpec.MaxController)),
            options.Of("state", (text, value) => SpecValues.Within(text, "state", value, AccessStateText.Parse)),
            SpecValues.NodeOf(options));
    }

    private static NullPathSpec ParseNull(string text, string[] parts)
    {
        var options = new SpecOptions(text, parts, ["size=", "latency=", "node="], ("null", NullForm));
        return new NullPathSpec(
            options.Of("size", ParseSize) ?? throw new FormatException($"'{text}' has no size; give {NullForm}"),
            options.Of("latency", (text, value) => SpecValues.ParseDuration(text, ("latency", value), TimeSpan.Zero, NullPathSpec.MaxLatency, "100us")) ?? TimeSpan.Zero,
            SpecValues.NodeOf(options));
    }

    // An option in the place of the name is a name that was forgotten.
    private static void EnsureNamed(string text, string name, string[] options, string what, string give)
    {
        if (name.Length == 0 || Array.Exists(options, option => option.EndsWith('=') && name.StartsWith(option, StringComparison.Ordinal)))
        {
            throw new FormatException($"'{text}' names no {what}; give {give}");
        }
    }

    private static long ParseSize(string text, string value)
    {
        long size = SpecValues.Within(text, "size", value, SizeText.Parse);
        if (size is < NullPathSpec.MinSize or > NullPathSpec.MaxSize || size % QueueLimits.SectorSize != 0)
        {
            throw new FormatException(
                $"'{text}': size {value} is out of range; give 4K to {SizeText.Format(NullPathSpec.MaxSize)}, a multiple of 512, such as size=1G");
        }

        return size;
    }
}
