using System.Globalization;
using System.Text.Json;
using LibMultipath.Benchmarks.Quick;
using LibMultipath.Benchmarks.Rig;
using LibMultipath.Paths;
using LibMultipath.Selection;
using NullDriver;

namespace LibMultipath.Benchmarks.Selectors;

/// <summary>The verb <c>selectors</c>: every policy on paths of unequal speed, side by side.</summary>
internal static class SelectorsRun
{
    private const int Depth = 8;
    private const int Rounds = 5;

    private static readonly TimeSpan s_warmUp = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan s_half = TimeSpan.FromMilliseconds(250);
    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Measures.</summary>
    /// <param name="json">Lines for programs instead of a table for people.</param>
    /// <param name="name">Only the scenario of that name; empty for all.</param>
    public static void Run(bool json, string name)
    {
        foreach (Scenario scenario in Scenario.All.Where(each => name.Length == 0 || each.Name == name))
        {
            PathSelector[] policies = [.. IoPolicies.All];
            Result[][] rounds = [.. Enumerable.Range(0, Rounds + 1).Select(_ => policies.Select(policy => Measure(scenario, policy)).ToArray())];

            // The first is for the compiler.
            Write(scenario, policies, rounds[1..], json);
        }
    }

    private static Result Measure(Scenario scenario, PathSelector policy)
    {
        NullPath[] paths = scenario.MakePaths();
        using var multipath = new Multipath(policy, paths);
        var loop = new ClosedLoop(multipath.Disk, Depth);
        Thread.Sleep(s_warmUp);
        loop.BeginCounting();
        Thread.Sleep(s_half);
        if (scenario.SlowerInTheMiddle > 1)
        {
            paths[0].SetLatency(scenario.SlowerInTheMiddle * scenario.Latencies[0]);
        }

        Thread.Sleep(s_half);
        loop.Stop();
        (long ios, double p99) = loop.Result();
        return new Result(ios / (2 * s_half.TotalSeconds), p99);
    }

    private static void Write(Scenario scenario, PathSelector[] policies, Result[][] rounds, bool json)
    {
        int roundRobin = Array.IndexOf(policies, IoPolicies.RoundRobin);
        double best = Enumerable.Range(0, policies.Length).Max(policy => SeriesOf(rounds, round => round[policy].Iops).Median);
        if (!json)
        {
            Console.WriteLine($"{scenario.Name}: {string.Join(", ", scenario.Latencies.Select(each => $"{each.TotalMicroseconds} us"))}"
                + $"{(scenario.SlowerInTheMiddle > 1 ? $", the first {scenario.SlowerInTheMiddle} times slower after half of the time" : "")}; {Depth} in flight");
            Console.WriteLine($"{"policy",-26}{"IOPS",10}{"of best",10}{"p99 us",10}{"x round-robin",15}   quartiles");
        }

        for (int policy = 0; policy < policies.Length; policy++)
        {
            int here = policy;
            double iops = SeriesOf(rounds, round => round[here].Iops).Median;
            double p99 = SeriesOf(rounds, round => round[here].P99).Median;
            Series ratios = SeriesOf(rounds, round => round[here].Iops / round[roundRobin].Iops);
            Console.WriteLine(json
                ? JsonSerializer.Serialize(
                    new
                    {
                        scenario = scenario.Name,
                        policy = policies[here].Name,
                        iops = Math.Round(iops),
                        of_best = Math.Round(iops / best, 4),
                        p99_us = Math.Round(p99, 1),
                        ratio = Math.Round(ratios.Median, 4),
                        lower_quartile = Math.Round(ratios.LowerQuartile, 4),
                        upper_quartile = Math.Round(ratios.UpperQuartile, 4),
                    },
                    s_json)
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"{policies[here].Name,-26}{iops,10:F0}{iops / best,10:F3}{p99,10:F0}{ratios.Median,15:F2}   [{ratios.LowerQuartile:F2}, {ratios.UpperQuartile:F2}]"));
        }

        if (!json)
        {
            Console.WriteLine();
        }
    }

    private static Series SeriesOf(Result[][] rounds, Func<Result[], double> value)
    {
        var series = new Series();
        foreach (Result[] round in rounds)
        {
            series.Add(value(round));
        }

        return series;
    }

    private readonly record struct Result(double Iops, double P99);
}
