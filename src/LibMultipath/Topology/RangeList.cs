using System.Globalization;
using System.Text;

namespace LibMultipath.Topology;

/// <summary>
/// Sets of small numbers as the kernel writes them (<c>%*pbl</c>): ascending, with ranges, as in <c>0-1,3</c>; nothing
/// for the empty set.
/// </summary>
internal static class RangeList
{
    /// <summary>Reads a list. Numbers may come in any order and more than once, and a newline may end the text.</summary>
    /// <param name="text">The list.</param>
    /// <param name="limit">What every number must be below: it bounds the result, whatever the text says.</param>
    /// <param name="numbers">The numbers, ascending and distinct; empty when the answer is false.</param>
    /// <returns>False when the text is not such a list.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, int limit, out int[] numbers)
    {
        numbers = [];
        text = text.TrimEnd('\n').Trim(' ');
        if (text.IsEmpty)
        {
            return true;
        }

        SortedSet<int> found = [];
        foreach (Range part in text.Split(','))
        {
            ReadOnlySpan<char> range = text[part];
            int dash = range.IndexOf('-');
            ReadOnlySpan<char> low = dash < 0 ? range : range[..dash];
            ReadOnlySpan<char> high = dash < 0 ? range : range[(dash + 1)..];
            if (!TryParseNumber(low, out int first) || !TryParseNumber(high, out int last) || first > last || last >= limit)
            {
                return false;
            }

            for (int number = first; number <= last; number++)
            {
                found.Add(number);
            }
        }

        numbers = [.. found];
        return true;
    }

    /// <summary>Writes a list, without a newline.</summary>
    /// <param name="numbers">The numbers, ascending and distinct, none of them negative.</param>
    /// <returns>The list.</returns>
    public static string Format(IEnumerable<int> numbers)
    {
        StringBuilder text = new();
        int previous = -2;
        bool inRange = false;
        foreach (int number in numbers)
        {
            if (number == previous + 1)
            {
                inRange = true;
            }
            else
            {
                EndRange();
                text.Append(text.Length == 0 ? "" : ",").Append(CultureInfo.InvariantCulture, $"{number}");
            }

            previous = number;
        }

        EndRange();
        return text.ToString();

        void EndRange()
        {
            if (inRange)
            {
                text.Append(CultureInfo.InvariantCulture, $"-{previous}");
                inRange = false;
            }
        }
    }

    private static bool TryParseNumber(ReadOnlySpan<char> text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
