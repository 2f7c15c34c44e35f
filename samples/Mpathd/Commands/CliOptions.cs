using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using LibMultipath.Paths;
using LibMultipath.Selection;
using Mpathd.Control;

namespace Mpathd.Commands;

/// <summary>
/// Makes options whose refusals name the option, the value, the range and an example. The ones that several verbs have
/// are here too, so that they mean the same everywhere.
/// </summary>
internal static class CliOptions
{
    /// <summary>The most seconds: a week.</summary>
    public const int MostSeconds = 7 * 24 * 60 * 60;

    /// <summary>The most I/Os in flight.</summary>
    public const int MostInFlight = 1024;

    /// <summary>A whole number within a range.</summary>
    public static Option<int> Number(string name, int least, int most, int usual, string description) => new(name)
    {
        HelpName = "N",
        Description = $"{description}: {least} to {most}",
        DefaultValueFactory = _ => usual,
        CustomParser = result => Parse(name, result, result.Tokens[^1].Value, text => ParseNumber(text, least, most, usual)),
    };

    /// <summary>One that must be given, read by a function which throws a <see cref="FormatException"/>.</summary>
    public static Option<T> Needed<T>(string name, string helpName, Func<string, T> parse, string description) => new(name)
    {
        HelpName = helpName,
        Description = description,
        Required = true,
        CustomParser = result => Parse(name, result, result.Tokens[^1].Value, parse),
    };

    /// <summary>One that is null when it is not given.</summary>
    public static Option<T?> Optional<T>(string name, string helpName, Func<string, T> parse, string description) => new(name)
    {
        HelpName = helpName,
        Description = description,
        CustomParser = result => Parse(name, result, result.Tokens[^1].Value, parse),
    };

    /// <summary>An option that may be given again and again, and must be given once.</summary>
    public static Option<T[]> Several<T>(string name, string helpName, Func<string, T> parse, string description) => new(name)
    {
        HelpName = helpName,
        Description = description,
        Required = true,
        Arity = ArgumentArity.OneOrMore,
        CustomParser = result => [.. result.Tokens.Select(token => Parse(name, result, token.Value, parse)!)],
    };

    /// <summary>An option that may be given again and again, or not at all.</summary>
    public static Option<T[]> AnyNumber<T>(string name, string helpName, Func<string, T> parse, string description)
    {
        Option<T[]> option = Several(name, helpName, parse, description);
        option.Required = false;
        return option;
    }

    /// <summary><c>--seconds</c>.</summary>
    public static Option<int> Seconds() => Number("--seconds", 1, MostSeconds, 10, "How long the workload runs");

    /// <summary><c>--iodepth</c>.</summary>
    public static Option<int> IoDepth() => Number("--iodepth", 1, MostInFlight, 32, "How many I/Os are in flight at a time");

    /// <summary><c>--seed</c>.</summary>
    public static Option<uint?> Seed() => Optional("--seed", "S", ParseSeed,
        $"Where all random sequences come from: 0 to {uint.MaxValue}; another one at every run unless it is given");

    /// <summary><c>--policy</c>.</summary>
    public static Option<PathSelector?> Policy(string unlessGiven) =>
        Optional("--policy", "P", ParsePolicy, $"How paths are selected: {PolicyNames}; {unlessGiven}");

    /// <summary><c>--json</c>.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Print one line of JSON at the end, and nothing else" };

    /// <summary><c>--json</c>, of what is told at once.</summary>
    public static Option<bool> JsonLine() => new("--json") { Description = "Print a line of JSON" };

    /// <summary><c>--control</c>.</summary>
    public static Option<string?> Control() => Optional<string?>("--control", "SOCKET", ControlPaths.Parse,
        $"The daemon's control socket; {ControlPaths.Default} unless it is given");

    /// <summary>An argument, read by a function which throws a <see cref="FormatException"/>.</summary>
    public static Argument<T> Argument<T>(string name, Func<string, T> parse, string description) => new(name)
    {
        HelpName = name,
        Description = description,
        CustomParser = result => Parse(name, result, result.Tokens[^1].Value, parse),
    };

    /// <summary>An option whose value may be left out; null when the option is.</summary>
    public static Option<T?> WithOrWithout<T>(string name, string helpName, Func<string?, T> parse, string description)
        where T : struct => new(name)
        {
            HelpName = helpName,
            Description = description,
            Arity = ArgumentArity.ZeroOrOne,
            CustomParser = result => Parse<T>(name, result, result.Tokens.Count == 0 ? null! : result.Tokens[^1].Value, parse),
        };

    /// <summary>Finds a policy by its name.</summary>
    /// <exception cref="FormatException">There is none of that name.</exception>
    public static PathSelector ParsePolicy(string text) =>
        IoPolicies.TryParse(text, out PathSelector? selector, out string? error) ? selector : throw new FormatException(error);

    /// <summary>A seed for a run that was given none.</summary>
    public static uint AnySeed() => (uint)Random.Shared.NextInt64(1, 1L << 32);

    /// <summary>The names of all policies.</summary>
    public static string PolicyNames => string.Join(", ", IoPolicies.All.Select(policy => policy.Name));

    private static T? Parse<T>(string name, ArgumentResult result, string text, Func<string, T> parse)
    {
        try
        {
            return parse(text);
        }
        catch (FormatException exception)
        {
            result.AddError($"{name}: {exception.Message}");
            return default;
        }
    }

    /// <summary>Reads a whole number within a range.</summary>
    /// <exception cref="FormatException">It is not one.</exception>
    public static int ParseNumber(string text, int least, int most, int example) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
            ? number
            : throw new FormatException($"'{text}' is out of range; give a whole number from {least} to {most}, such as {example}");

    /// <summary>Reads the name of a file.</summary>
    /// <returns>The full name.</returns>
    /// <exception cref="FormatException">It cannot be one.</exception>
    public static string ParseFile(string text) => text.Length > 0 && !text.Contains('\0')
        ? Path.GetFullPath(text)
        : throw new FormatException($"'{text}' is not the name of a file; give one such as bin/Release/net10.0/MySelectors.dll");

    private static uint? ParseSeed(string text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint seed)
            ? seed
            : throw new FormatException($"'{text}' is out of range; give a whole number from 0 to {uint.MaxValue}, such as 1");
}
