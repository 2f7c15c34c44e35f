using System.Text;
using System.Text.Json;
using Mpathd.Runs;

namespace Mpathd.Output;

/// <summary>A report as one line of JSON. The names are a contract: they are only ever added to.</summary>
internal static class JsonReport
{
    /// <summary>Makes the line, without its end.</summary>
    public static string Format(RunReport report)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteNumber("ios", report.Ios);
            json.WriteNumber("bytes", report.Bytes);
            json.WriteNumber("errors", report.Errors);
            json.WriteNumber("miscompares", report.Miscompares);
            json.WriteNumber("lost", report.Lost);
            json.WriteNumber("duplicated", report.Duplicated);
            json.WriteNumber("failovers", report.Failovers);
            json.WriteNumber("requeued", report.Requeued);
            json.WriteNumber("total_losses", report.TotalLosses);
            json.WriteNumber("paths_added", report.PathsAdded);
            json.WriteNumber("paths_removed", report.PathsRemoved);
            json.WriteNumber("policy_changes", report.PolicyChanges);
            json.WriteNumber("iops", Math.Round(report.Iops, 1));
            json.WriteNumber("p50_us", Math.Round(report.P50Microseconds, 1));
            json.WriteNumber("p99_us", Math.Round(report.P99Microseconds, 1));
            json.WriteNumber("max_us", Math.Round(report.MaxMicroseconds, 1));
            json.WriteNumber("seed", report.Seed);
            json.WriteNumber("unfinished", report.Unfinished);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
