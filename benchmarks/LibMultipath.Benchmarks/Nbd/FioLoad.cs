using System.Globalization;
using System.Text.Json;

namespace LibMultipath.Benchmarks.Nbd;

/// <summary>The peer: fio with its own NBD client, over one connection.</summary>
internal static class FioLoad
{
    /// <summary>Runs it once.</summary>
    /// <returns>I/Os a second.</returns>
    public static double Run(string socket, string pattern, int depth, TimeSpan warmUp, TimeSpan time)
    {
        string json = Tool.Run(
            "fio",
            "--name=bench",
            "--output-format=json",
            "--ioengine=nbd",
            $"--uri=nbd+unix:///?socket={socket}",
            $"--rw={pattern}",
            "--bs=4k",
            $"--iodepth={depth}",
            "--norandommap",
            "--time_based",
            string.Create(CultureInfo.InvariantCulture, $"--ramp_time={warmUp.TotalMilliseconds:F0}ms"),
            string.Create(CultureInfo.InvariantCulture, $"--runtime={time.TotalMilliseconds:F0}ms"));
        using JsonDocument document = JsonDocument.Parse(json[json.IndexOf('{', StringComparison.Ordinal)..]);
        JsonElement job = document.RootElement.GetProperty("jobs")[0];
        return job.GetProperty("read").GetProperty("iops").GetDouble() + job.GetProperty("write").GetProperty("iops").GetDouble();
    }
}
