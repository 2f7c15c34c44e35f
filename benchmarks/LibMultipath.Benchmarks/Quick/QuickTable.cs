using System.Globalization;
using System.Runtime.InteropServices;

namespace LibMultipath.Benchmarks.Quick;

/// <summary>What people read of <c>quick</c>.</summary>
internal static class QuickTable
{
    public static void Write(IReadOnlyList<Comparison> comparisons)
    {
        WriteHead();
        foreach (Comparison comparison in comparisons)
        {
            Write(comparison);
        }

        WriteDerived(comparisons);
    }

    private static void WriteHead()
    {
        Console.WriteLine($"{RuntimeInformation.FrameworkDescription}, {Processor.Name}");
        Console.WriteLine("Medians of interleaved rounds; ratio = ns / peer ns; in brackets the quartiles of the rounds' ratios.");
        Console.WriteLine();
        Console.WriteLine($"{"measure",-24}{"ns",11}{"bytes",8}   {"peer",-18}{"peer ns",11}{"ratio",11}   {"quartiles",-20}{"rounds",7}");
    }

    private static void Write(Comparison comparison)
    {
        foreach (Measurement found in comparison.Measurements())
        {
            Series ratios = comparison.RatiosTo(found.Peer);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{found.Name,-24}{found.Ns,11:F2}{found.Bytes,8:0.##}   {found.Peer,-18}{found.PeerNs,11:F2}{found.Ratio,11:F3}   {$"[{ratios.LowerQuartile:F3}, {ratios.UpperQuartile:F3}]",-20}{comparison.Rounds,7}"));
        }
    }

    /// <summary>The comparisons between measures.</summary>
    private static void WriteDerived(IReadOnlyList<Comparison> comparisons)
    {
        Console.WriteLine();
        foreach (Comparison submit in comparisons.Where(static each => each.Peers.Contains(Comparisons.Direct)))
        {
            double added = submit.SeriesOf(submit.Name).Median - submit.SeriesOf(Comparisons.Direct).Median;
            double pair = submit.SeriesOf(Comparisons.Pair).Median;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{submit.Name}: the head adds {added / pair:F2} interlocked pairs ({added:F1} ns) to a path that completes at once"));
        }

        if (RatioOf(comparisons, "select.round-robin.2") is { } few && RatioOf(comparisons, "select.round-robin.256") is { } many)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"select.round-robin: 256 optimized paths cost {many / few:F2} of what 2 cost"));
        }
    }

    private static double? RatioOf(IReadOnlyList<Comparison> comparisons, string name) =>
        comparisons.SingleOrDefault(each => each.Name == name)?.Measurements().Single().Ratio;
}
