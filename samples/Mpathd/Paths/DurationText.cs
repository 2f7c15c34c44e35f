using System.Globalization;

namespace Mpathd.Paths;

/// <summary>Durations as people write them: a number and us, ms or s.</summary>
internal static class DurationText
{
    /// <summary>Reads a duration.</summary>
    /// <param name="text">Such as <c>100us</c>, <c>5ms</c>, <c>1s</c>.</param>
    /// <exception cref="FormatException">It is not a duration; the message says what is.</exception>
    public static TimeSpan Parse(string text)
    {
        (long ticks, int suffix) = text switch
        {
            _ when text.EndsWith("us", StringComparison.Ordinal) => (TimeSpan.TicksPerMicrosecond, 2),
            _ when text.EndsWith("ms", StringComparison.Ordinal) => (TimeSpan.TicksPerMillisecond, 2),
            _ when text.EndsWith('s') => (TimeSpan.TicksPerSecond, 1),
            _ => (0, 0),
        };
        return suffix != 0
            && long.TryParse(text.AsSpan(0, text.Length - suffix), NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            && number <= long.MaxValue / ticks
            ? TimeSpan.FromTicks(number * ticks)
            : throw new FormatException($"'{text}' is not a duration; give a whole number and us, ms or s, such as 100us or 5ms");
    }

    /// <summary>Writes a duration as <see cref="Parse"/> reads it.</summary>
    public static string Format(TimeSpan duration) => duration.Ticks switch
    {
        var ticks when ticks % TimeSpan.TicksPerSecond == 0 => $"{ticks / TimeSpan.TicksPerSecond}s",
        var ticks when ticks % TimeSpan.TicksPerMillisecond == 0 => $"{ticks / TimeSpan.TicksPerMillisecond}ms",
        var ticks => $"{ticks / TimeSpan.TicksPerMicrosecond}us",
    };
}
