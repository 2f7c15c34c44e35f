using System.Globalization;

namespace Mpathd.Paths;

/// <summary>Sizes as people write them: a number, with K, M, G or T for powers of 1024.</summary>
internal static class SizeText
{
    private const string Units = "KMGT";

    /// <summary>Reads a size.</summary>
    /// <param name="text">Such as <c>4k</c>, <c>512</c>, <c>1G</c>; either case.</param>
    /// <returns>In bytes; not negative.</returns>
    /// <exception cref="FormatException">It is not a size; the message says what is.</exception>
    public static long Parse(string text)
    {
        ReadOnlySpan<char> digits = text;
        int shift = 0;
        if (text.Length > 0 && Units.IndexOf(char.ToUpperInvariant(text[^1])) is >= 0 and int unit)
        {
            shift = 10 * (unit + 1);
            digits = digits[..^1];
        }

        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number))
        {
            throw new FormatException($"'{text}' is not a size; give a whole number, with K, M, G or T for powers of 1024, such as 4k or 1G");
        }

        return number <= long.MaxValue >> shift
            ? number << shift
            : throw new FormatException($"'{text}' is beyond any size; the largest is {Format(1L << 50)}");
    }

    /// <summary>Writes a size as <see cref="Parse"/> reads it, with the largest unit that leaves it whole.</summary>
    public static string Format(long bytes)
    {
        int unit = 0;
        while (unit < Units.Length && bytes != 0 && bytes % 1024 == 0)
        {
            bytes /= 1024;
            unit++;
        }

        return bytes.ToString(CultureInfo.InvariantCulture) + (unit == 0 ? "" : Units[unit - 1]);
    }

    /// <summary>Writes a size for people to read: rounded, in binary units.</summary>
    public static string Approximate(double bytes)
    {
        int unit = 0;
        while (unit < Units.Length && bytes >= 1024)
        {
            bytes /= 1024;
            unit++;
        }

        string number = bytes.ToString(unit == 0 || bytes >= 100 ? "0" : "0.0", CultureInfo.InvariantCulture);
        return unit == 0 ? $"{number} B" : $"{number} {Units[unit - 1]}iB";
    }
}
