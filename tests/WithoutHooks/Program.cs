// A program that wants no hook points: what is left of them, a line each. The switch is in its project file.
using System.Diagnostics;
using System.Diagnostics.Metrics;
using LibMultipath.Block;
using LibMultipath.Diagnostics;
using LibMultipath.Disk;
using LibMultipath.Paths;
using LibMultipath.Selection;

using var head = new MpathHead("head", new Template());
using var disk = new MpathDisk(head);
var paths = new MpathDevice[2];
for (int id = 0; id < paths.Length; id++)
{
    paths[id] = new MpathDevice(new MpathController(id), new OnePath($"path{id}", fails: id == 0));
    head.Add(paths[id]);
    paths[id].SetLive();
}

try
{
    head.Hooks.BioSubmitted.Attach((scoped in BioSubmittedArgs _) => { });
}
catch (NotSupportedException exception)
{
    Console.WriteLine($"attach: {exception.Message}");
}

int activities = 0;
using var listener = new ActivityListener
{
    ShouldListenTo = static source => source.Name == MpathDiagnostics.ActivitySourceName,
    Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
    ActivityStarted = _ => activities++,
};
ActivitySource.AddActivityListener(listener);
using (MpathDiagnostics.Attach(head))
{
    Console.WriteLine($"read: {await disk.ReadAsync(sector: 0, new byte[512])}");
    Console.WriteLine($"io: {Read("mpath.head.io")}, failovers: {Read("mpath.head.failovers")}, activities: {activities}");
}

Console.WriteLine($"io: {Read("mpath.head.io")} after it was detached");
foreach (MpathDevice path in paths)
{
    head.Remove(path);
}

static long Read(string name)
{
    long sum = 0;
    using var meter = new MeterListener
    {
        InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == MpathDiagnostics.MeterName && instrument.Name == name)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        },
    };
    meter.SetMeasurementEventCallback<long>((_, value, _, _) => sum += value);
    meter.Start();
    meter.RecordObservableInstruments();
    return sum;
}

internal sealed class OnePath(string name, bool fails) : DriverDisk(name, capacitySectors: 2048)
{
    protected override void SubmitBio(BioAttempt attempt)
    {
        _ = fails ? attempt.FailPath(BlockStatus.Transport) : attempt.Complete(BlockStatus.Ok);
    }
}

internal sealed class Template : IMpathHeadTemplate
{
    public MpathIoPolicy Policy { get; } = IoPolicies.Create("numa");

    public bool AvailablePath(MpathDevice path) => path.Controller.MayComeBack;

    public void RereadState(MpathDevice path)
    {
    }
}
