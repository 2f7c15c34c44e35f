using System.Diagnostics;
using System.Diagnostics.Metrics;
using LibMultipath.Paths;

namespace LibMultipath.Diagnostics;

/// <summary>The instruments of the meter. The counters are read when somebody collects them; the data path knows nothing of it.</summary>
internal static class MpathInstruments
{
    private static readonly Lock s_lock = new();
    private static MpathHead[] s_heads = [];

    private static readonly Meter s_meter = Create();

    public static Histogram<double> HeadDuration { get; } =
        s_meter.CreateHistogram<double>("mpath.head.io.duration", "s", "From the submission of an I/O to its end, failovers and waiting included.");

    public static Histogram<double> PathDuration { get; } =
        s_meter.CreateHistogram<double>("mpath.path.io.duration", "s", "From giving an I/O to a path until the path gives it back.");

    public static void Add(MpathHead head)
    {
        lock (s_lock)
        {
            s_heads = [.. s_heads, head];
        }
    }

    public static void Remove(MpathHead head)
    {
        lock (s_lock)
        {
            s_heads = [.. s_heads.Where(other => !ReferenceEquals(other, head))];
        }
    }

    private static Meter Create()
    {
        var meter = new Meter(MpathDiagnostics.MeterName, typeof(MpathInstruments).Assembly.GetName().Version?.ToString(3));
        meter.CreateObservableCounter("mpath.head.io", () => ByOperation(Heads(), io => io.Reads, io => io.Writes, io => io.Others), "{io}", "I/Os submitted to the head disk.");
        meter.CreateObservableCounter("mpath.head.io.size", () => ByOperation(Heads(), io => io.ReadBytes, io => io.WriteBytes, io => io.OtherBytes), "By", "Bytes that those cover.");
        meter.CreateObservableCounter("mpath.head.requeued", () => OfHeads(head => head.RequeueNoUsablePathCount), "{io}", "I/Os that had to wait because no path was usable.");
        meter.CreateObservableCounter("mpath.head.failed", () => OfHeads(head => head.FailNoAvailablePathCount), "{io}", "I/Os that failed because no path was available.");
        meter.CreateObservableCounter("mpath.head.failovers", () => OfHeads(head => head.FailoverCount), "{io}", "Attempts that ended in a failover, on all paths there are or were.");
        meter.CreateObservableCounter("mpath.head.retries", () => OfHeads(head => head.RetryCount), "{io}", "Attempts that a path asked to have again.");
        meter.CreateObservableCounter("mpath.head.errors", () => OfHeads(head => head.ErrorCount), "{io}", "Attempts whose I/O ended with an error.");
        meter.CreateObservableUpDownCounter("mpath.head.waiting", () => OfHeads(head => head.WaitingCount), "{io}", "I/Os that wait to be tried again.");
        meter.CreateObservableUpDownCounter("mpath.head.in_flight", () => OfHeads(head => head.InFlight), "{io}", "I/Os that are with a path or wait for one.");
        meter.CreateObservableCounter("mpath.path.io", () => ByOperation(Paths(), io => io.Reads, io => io.Writes, io => io.Others), "{io}", "Attempts that the path ended, well or not.");
        meter.CreateObservableCounter("mpath.path.io.size", () => ByOperation(Paths(), io => io.ReadBytes, io => io.WriteBytes, io => io.OtherBytes), "By", "Bytes that those cover.");
        meter.CreateObservableCounter("mpath.path.failovers", () => OfPaths(path => path.Statistics.Failovers), "{io}", "Attempts that ended in a failover.");
        meter.CreateObservableCounter("mpath.path.retries", () => OfPaths(path => path.Statistics.Retries), "{io}", "Attempts that the path asked to have again.");
        meter.CreateObservableCounter("mpath.path.errors", () => OfPaths(path => path.Statistics.Errors), "{io}", "Attempts whose I/O ended with an error.");
        meter.CreateObservableUpDownCounter("mpath.path.in_flight", () => OfPaths(path => path.InFlight), "{io}", "Attempts under way.");
        meter.CreateObservableGauge("mpath.path.access_state", () => OfPaths(path => (long)path.AccessState), null, "0 other, 1 optimized, 2 non-optimized.");
        meter.CreateObservableGauge("mpath.path.usable", () => OfPaths(path => path.IsUsable ? 1 : 0), null, "1 if selection may choose the path.");
        return meter;
    }

    private static IEnumerable<(TagList Tags, IoStatistics Io)> Heads() =>
        Volatile.Read(ref s_heads).Select(head => (Tags(head), head.Statistics));

    private static IEnumerable<(TagList Tags, IoStatistics Io)> Paths() =>
        Volatile.Read(ref s_heads).SelectMany(head => head.Paths.Select(path => (Tags(head, path), path.Statistics.Io)));

    private static IEnumerable<Measurement<long>> OfHeads(Func<MpathHead, long> value) =>
        Volatile.Read(ref s_heads).Select(head => new Measurement<long>(value(head), Tags(head)));

    private static IEnumerable<Measurement<long>> OfPaths(Func<MpathDevice, long> value) =>
        Volatile.Read(ref s_heads).SelectMany(head => head.Paths.Select(path => new Measurement<long>(value(path), Tags(head, path))));

    private static IEnumerable<Measurement<long>> ByOperation(
        IEnumerable<(TagList Tags, IoStatistics Io)> all,
        Func<IoStatistics, long> reads,
        Func<IoStatistics, long> writes,
        Func<IoStatistics, long> others)
    {
        foreach ((TagList tags, IoStatistics io) in all)
        {
            yield return new Measurement<long>(reads(io), With(tags, "read"));
            yield return new Measurement<long>(writes(io), With(tags, "write"));
            yield return new Measurement<long>(others(io), With(tags, "other"));
        }
    }

    private static TagList Tags(MpathHead head) => new() { { DiagnosticTags.Head, head.Name } };

    private static TagList Tags(MpathHead head, MpathDevice path) => new() { { DiagnosticTags.Head, head.Name }, { DiagnosticTags.Path, path.Name } };

    private static TagList With(TagList tags, string operation)
    {
        tags.Add(DiagnosticTags.Operation, operation);
        return tags;
    }
}
