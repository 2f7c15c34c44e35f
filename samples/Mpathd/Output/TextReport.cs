using System.Globalization;
using Mpathd.Paths;
using Mpathd.Runs;

namespace Mpathd.Output;

/// <summary>A report for people: the numbers, and the verdict last.</summary>
internal static class TextReport
{
    /// <summary>Makes the lines.</summary>
    /// <param name="report">What has come of the run.</param>
    /// <param name="verifies">Whether blocks were looked at, so that something can be said about them.</param>
    public static IEnumerable<string> Lines(RunReport report, bool verifies)
    {
        yield return Line($"{report.Ios:N0} I/Os, {SizeText.Approximate(report.Bytes)} in {report.Elapsed.TotalSeconds:0.0} s: {report.Iops:N0} IOPS");
        if (report.MaxMicroseconds > 0)
        {
            yield return Line($"latency: half within {report.P50Microseconds:N1} us, 99 % within {report.P99Microseconds:N1} us, all within {report.MaxMicroseconds:N1} us");
        }

        yield return Line($"paths: {report.Failovers:N0} failovers, {report.Requeued:N0} I/Os waited for a path, {report.TotalLosses} total losses, {report.PathsAdded} added, {report.PathsRemoved} removed, {report.PolicyChanges} policy changes");
        if (verifies)
        {
            yield return report.ReadBack == report.ReadBackTotal && report.ReadBackTotal > 0
                ? $"read back: all {SizeText.Approximate(report.ReadBackTotal)}"
                : report.ReadBackTotal == 0 ? "read back: nothing" : $"read back: {SizeText.Approximate(report.ReadBack)} of {SizeText.Approximate(report.ReadBackTotal)}";
        }

        foreach (string detail in report.Details)
        {
            yield return $"  {detail}";
        }

        if (report.Unfinished > 0)
        {
            yield return Line($"{report.Unfinished} I/Os had not ended yet when the interruption's time was up");
        }

        yield return Line($"{report.Errors} errors, {report.Miscompares} miscompares, {report.Lost} lost, {report.Duplicated} duplicated (seed {report.Seed})");
        yield return Verdict(report, verifies);
    }

    private static string Verdict(RunReport report, bool verifies) => report switch
    {
        { IsClean: false } => "FAILED: see the numbers above",
        { Interrupted: true } => "INTERRUPTED: up to there, nothing went wrong",
        _ when verifies => "OK: every I/O ended once, every block is what was written last",
        _ => "OK: every I/O ended once, without an error",
    };

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
