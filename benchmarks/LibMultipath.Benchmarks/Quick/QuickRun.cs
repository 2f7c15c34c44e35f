using System.Runtime.InteropServices;
using System.Text.Json;

namespace LibMultipath.Benchmarks.Quick;

/// <summary>The verb <c>quick</c>.</summary>
internal static class QuickRun
{
    private static readonly TimeSpan s_total = TimeSpan.FromSeconds(42);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(5);

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

        TimeSpan each = TimeSpan.FromTicks(Math.Min(s_total.Ticks / comparisons.Count, s_longest.Ticks));
        if (!json)
        {
            QuickTable.WriteHead(RuntimeInformation.FrameworkDescription, Processor.Name);
        }

        foreach (Comparison comparison in comparisons)
        {
            comparison.Run(each);
            if (json)
            {
                foreach (Measurement measurement in comparison.Measurements())
                {
                    Console.WriteLine(JsonSerializer.Serialize(Rounded(measurement), s_json));
                }
            }
            else
            {
                QuickTable.Write(comparison);
            }
        }

        if (!json)
        {
            QuickTable.WriteDerived(comparisons);
        }

        return true;
    }

    // A tenth of a picosecond is enough for anybody; bytes are not rounded to nothing.
    private static Measurement Rounded(Measurement exact) => exact with
    {
        Ns = Math.Round(exact.Ns, 4),
        Bytes = Math.Round(exact.Bytes, 6),
        PeerNs = Math.Round(exact.PeerNs, 4),
        Ratio = Math.Round(exact.Ratio, 4),
    };
}
