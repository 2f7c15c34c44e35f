using System.Globalization;
using LibMultipath.Topology;

namespace Mpathd.Paths;

/// <summary>Reads the values that options of several kinds of paths have. What is refused is named with the whole SPEC.</summary>
internal static class SpecValues
{
    /// <summary>The node of a path; none if it is not given.</summary>
    public static int NodeOf(SpecOptions options) =>
        options.Of("node", (text, value) => ParseNumber(text, "node", value, PathSpec.MaxNode)) ?? NumaNode.None;

    /// <summary>Reads a whole number from 0 on.</summary>
    /// <exception cref="FormatException">It is none, or too large.</exception>
    public static int ParseNumber(string text, string name, string value, int most) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= most
            ? number
            : throw new FormatException($"'{text}': {name} '{value}' is out of range; give 0 to {most}, such as {name}=0");

    /// <summary>Reads a duration within a range.</summary>
    /// <exception cref="FormatException">It is none, or out of range.</exception>
    public static TimeSpan ParseDuration(string text, (string Name, string Value) option, TimeSpan least, TimeSpan most, string example)
    {
        TimeSpan time = Within(text, option.Name, option.Value, DurationText.Parse);
        return time >= least && time <= most
            ? time
            : throw new FormatException(
                $"'{text}': {option.Name} {option.Value} is out of range; give {DurationText.Format(least)} to {DurationText.Format(most)}, such as {option.Name}={example}");
    }

    /// <summary>Reads a value with what is said of it naming SPEC and option.</summary>
    /// <exception cref="FormatException">It cannot be read.</exception>
    public static T Within<T>(string text, string name, string value, Func<string, T> parse)
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
}
