using System.Globalization;
using Mpathd.Paths;

namespace Mpathd.Feeding;

/// <summary>A record as people and scripts write it: a line.</summary>
internal static class FeedText
{
    /// <summary>The forms there are, for messages.</summary>
    public const string Forms = "latency PATH DURATION, weight PATH N, state PATH optimized|non-optimized|inaccessible, fail PATH, restore PATH";

    /// <summary>Reads a line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="numberOf">Finds the number of a path by what it was called; null if there is none.</param>
    /// <returns>Null for one that says nothing: empty, or a comment after #.</returns>
    /// <exception cref="FormatException">It is not a record; the message says what is.</exception>
    public static FeedRecord? Parse(string line, Func<string, int?> numberOf)
    {
        return WordsOf(line) switch
        {
            [] => null,
            ["latency", var path, var value] => Record(FeedKind.Latency, path, (ulong)DurationText.Parse(value).TotalNanoseconds, numberOf),
            ["weight", var path, var value] => Record(FeedKind.Weight, path, ParseNumber(value), numberOf),
            ["state", var path, var value] => Record(FeedKind.State, path, FeedState.Of(AccessStateText.Parse(value)), numberOf),
            ["fail", var path] => Record(FeedKind.Fail, path, 0, numberOf),
            ["restore", var path] => Record(FeedKind.Restore, path, 0, numberOf),
            _ => throw new FormatException($"'{line.Trim()}' says nothing of a path; give {Forms}"),
        };
    }

    /// <summary>The words of a line, without its comment.</summary>
    public static string[] WordsOf(string line) => line.Split('#')[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static FeedRecord Record(FeedKind kind, string path, ulong value, Func<string, int?> numberOf) => new()
    {
        Kind = kind,
        Path = (uint)(numberOf(path) ?? throw new FormatException($"there is no path '{path}'; give the number or the name of one: mpathd status")),
        Value = value,
    };

    private static ulong ParseNumber(string text) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number)
        ? number
        : throw new FormatException($"'{text}' is not a whole number");
}
