using System.Text.Json;
using Mpathd.Output;
using Mpathd.Runs;

namespace Mpathd.Tests.Output;

public sealed class ReportTests
{
    /// <summary>The names of the JSON line, in their order.</summary>
    public static readonly string[] Names =
    [
        "ios", "bytes", "errors", "miscompares", "lost", "duplicated", "failovers", "requeued", "total_losses",
        "paths_added", "paths_removed", "policy_changes", "iops", "p50_us", "p99_us", "max_us", "seed", "unfinished",
    ];

    private static readonly RunReport s_report = new()
    {
        Ios = 1,
        Bytes = 2,
        Errors = 3,
        Miscompares = 4,
        Lost = 5,
        Duplicated = 6,
        Failovers = 7,
        Requeued = 8,
        TotalLosses = 9,
        PathsAdded = 10,
        PathsRemoved = 11,
        PolicyChanges = 12,
        Iops = 13,
        P50Microseconds = 14,
        P99Microseconds = 15,
        MaxMicroseconds = 16,
        Seed = 17,
        Elapsed = TimeSpan.FromSeconds(1),
        Interrupted = false,
        Unfinished = 18,
        ReadBack = 0,
        ReadBackTotal = 0,
    };

    private static readonly RunReport s_clean = s_report with { Errors = 0, Miscompares = 0, Lost = 0, Duplicated = 0 };

    [Fact]
    public void The_json_is_one_line_of_exactly_these_names()
    {
        string line = JsonReport.Format(s_report);
        Assert.DoesNotContain('\n', line);
        using var json = JsonDocument.Parse(line);
        Assert.Equal(Names, json.RootElement.EnumerateObject().Select(each => each.Name));
        Assert.Equal(Enumerable.Range(1, 18), json.RootElement.EnumerateObject().Select(each => each.Value.GetInt32()));
    }

    [Fact]
    public void A_run_in_which_nothing_went_wrong_is_done() => Assert.Equal(ExitCode.Done, s_clean.ExitCode);

    [Fact]
    public void Each_thing_that_goes_wrong_makes_a_run_fail()
    {
        Assert.Equal(ExitCode.Failed, (s_clean with { Errors = 1 }).ExitCode);
        Assert.Equal(ExitCode.Failed, (s_clean with { Miscompares = 1 }).ExitCode);
        Assert.Equal(ExitCode.Failed, (s_clean with { Lost = 1 }).ExitCode);
        Assert.Equal(ExitCode.Failed, (s_clean with { Duplicated = 1 }).ExitCode);
        Assert.Equal(ExitCode.Failed, (s_clean with { Errors = 1, Interrupted = true }).ExitCode);
        Assert.Equal(ExitCode.Interrupted, (s_clean with { Interrupted = true }).ExitCode);
    }

    [Fact]
    public void The_last_line_is_the_verdict()
    {
        Assert.StartsWith("OK", TextReport.Lines(s_clean, verifies: true).Last());
        Assert.StartsWith("FAILED", TextReport.Lines(s_report, verifies: true).Last());
        Assert.StartsWith("INTERRUPTED", TextReport.Lines(s_clean with { Interrupted = true }, verifies: true).Last());
    }

    [Fact]
    public void A_read_back_that_was_cut_short_says_how_far_it_came()
    {
        Assert.Contains("read back: 1.0 KiB of 2.0 KiB", TextReport.Lines(s_clean with { ReadBack = 1024, ReadBackTotal = 2048 }, verifies: true));
        Assert.Contains("read back: all 2.0 KiB", TextReport.Lines(s_clean with { ReadBack = 2048, ReadBackTotal = 2048 }, verifies: true));
        Assert.DoesNotContain(TextReport.Lines(s_clean, verifies: false), line => line.StartsWith("read back", StringComparison.Ordinal));
    }
}
