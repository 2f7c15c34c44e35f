using System.Globalization;
using LibMultipath.Block;
using LibMultipath.Topology;

namespace Mpathd.Paths;

/// <summary>Reads what <c>--path</c> is given. What it refuses, it says with the range and an example.</summary>
internal static class PathSpecParser
{
    private const string LoopForm = "loop:FILE[,direct][,node=N]";
    private const string NullForm = "null:size=1G[,latency=100us][,node=N]";

    /// <summary>Reads a SPEC.</summary>
    /// <param name="text">Such as <c>loop:disk.img,direct</c> or <c>null:size=1G</c>.</param>
    /// <exception cref="FormatException">It is not one; the message says what is wrong and what to give.</exception>
    public static PathSpec Parse(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string scheme = colon < 0 ? text : text[..colon];
        string[] parts = colon < 0 ? [] : text[(colon + 1)..].Split(',');
        return scheme switch
        {
            "loop" when colon > 0 => ParseLoop(text, parts),
            "null" when colon > 0 => ParseNull(text, parts),
            _ => throw new FormatException($"'{text}' is not a path; give {LoopForm} or {NullForm}"),
        };
    }

    private static LoopPathSpec ParseLoop(string text, string[] parts)
    {
        if (parts[0].Length == 0 || parts[0].StartsWith("node=", StringComparison.Ordinal))
        {
            throw new FormatException($"'{text}' names no file; give {LoopForm}, such as loop:disk.img");
        }

        bool direct = false;
        int? node = null;
        foreach (string part in parts.AsSpan(1))
        {
            if (part == "direct")
            {
                ThrowIfRepeated(direct, text, "direct");
                direct = true;
            }
            else if (part.StartsWith("node=", StringComparison.Ordinal))
            {
                ThrowIfRepeated(node is not null, text, "node");
                node = ParseNode(text, part[5..]);
            }
            else
            {
                throw new FormatException(
                    $"'{text}': there is no option '{part}' of a loop path; give direct or node=N (a file whose name has a comma is reached through a link without one)");
            }
        }

        return new LoopPathSpec(parts[0], direct, node ?? NumaNode.None);
    }

    private static NullPathSpec ParseNull(string text, string[] parts)
    {
        long? size = null;
        TimeSpan? latency = null;
        int? node = null;
        foreach (string part in parts)
        {
            if (part.StartsWith("size=", StringComparison.Ordinal))
            {
                ThrowIfRepeated(size is not null, text, "size");
                size = ParseSize(text, part[5..]);
            }
            else if (part.StartsWith("latency=", StringComparison.Ordinal))
            {
                ThrowIfRepeated(latency is not null, text, "latency");
                latency = ParseLatency(text, part[8..]);
            }
            else if (part.StartsWith("node=", StringComparison.Ordinal))
            {
                ThrowIfRepeated(node is not null, text, "node");
                node = ParseNode(text, part[5..]);
            }
            else
            {
                throw new FormatException($"'{text}': there is no option '{part}' of a null path; give {NullForm}");
            }
        }

        return new NullPathSpec(
            size ?? throw new FormatException($"'{text}' has no size; give {NullForm}"),
            latency ?? TimeSpan.Zero,
            node ?? NumaNode.None);
    }

    private static long ParseSize(string text, string value)
    {
        long size = Within(text, "size", value, SizeText.Parse);
        if (size is < NullPathSpec.MinSize or > NullPathSpec.MaxSize || size % QueueLimits.SectorSize != 0)
        {
            throw new FormatException(
                $"'{text}': size {value} is out of range; give 4K to {SizeText.Format(NullPathSpec.MaxSize)}, a multiple of 512, such as size=1G");
        }

        return size;
    }

    private static TimeSpan ParseLatency(string text, string value)
    {
        TimeSpan latency = Within(text, "latency", value, DurationText.Parse);
        return latency <= NullPathSpec.MaxLatency
            ? latency
            : throw new FormatException(
                $"'{text}': latency {value} is out of range; give 0us to {DurationText.Format(NullPathSpec.MaxLatency)}, such as latency=100us");
    }

    private static int ParseNode(string text, string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int node) && node <= PathSpec.MaxNode
            ? node
            : throw new FormatException($"'{text}': node '{value}' is out of range; give 0 to {PathSpec.MaxNode}, such as node=0");

    private static T Within<T>(string text, string name, string value, Func<string, T> parse)
    {
        try
        {
            return parse(value);
        }
        catch (FormatException exception)
        {
            throw new FormatException($"'{text}': {name} {exception.Message}", exception);
        }
    }

    private static void ThrowIfRepeated(bool seen, string text, string option)
    {
        if (seen)
        {
            throw new FormatException($"'{text}' gives {option} twice; give it once");
        }
    }
}
