using System.Diagnostics;
using System.Text.Json;

namespace LibMultipath.Benchmarks.Quick;

/// <summary>The verb <c>quick</c>.</summary>
internal static class QuickRun
{
    private static readonly TimeSpan s_whole = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan s_few = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_slice = TimeSpan.FromMilliseconds(40);

    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Measures.</summary>
    /// <param name="json">Lines for programs instead of a table for people.</param>
    /// <param name="prefix">Only the measures whose names begin so.</param>
    /// <returns>False if there is none of that name.</returns>
    public static bool Run(bool json, string prefix)
    {
        using var all = new Comparisons();
        IReadOnlyList<Comparison> comparisons = all.Build(prefix);
        if (comparisons.Count == 0)
        {
            return false;
        }

        JitWarmth.Reach(() =>
        {
            foreach (Comparison comparison in comparisons)
            {
                comparison.WarmUp();
            }
        });

        foreach (Comparison comparison in comparisons)
        {
            comparison.Calibrate();
        }

        Sweep(comparisons);
        if (json)
        {
            foreach (Measurement measurement in comparisons.SelectMany(static each => each.Measurements()))
            {
                Console.WriteLine(JsonSerializer.Serialize(Rounded(measurement), s_json));
            }
        }
        else
        {
            QuickTable.Write(comparisons);
        }

        return true;
    }

    // All of them in turns, again and again: the machine changes its speed over seconds, and then figures of different
    // measures can be compared as well.
    private static void Sweep(IReadOnlyList<Comparison> comparisons)
    {
        TimeSpan whole = comparisons.Count > 3 ? s_whole : s_few;
        long begin = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begin) < whole)
        {
            foreach (Comparison comparison in comparisons)
            {
                comparison.Run(s_slice);
            }
        }
    }

    // Four digits: no number is so small that it would be written with an exponent, and no byte is rounded to nothing.
    private static Measurement Rounded(Measurement exact) => exact with
    {
        Ns = Math.Round(exact.Ns, 4),
        Bytes = Math.Round(exact.Bytes, 4),
        PeerNs = Math.Round(exact.PeerNs, 4),
        Ratio = Math.Round(exact.Ratio, 4),
    };
}
