using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Paths;
using LibMultipath.Selection;
using NullDriver;

using var head = new MpathHead("null0", new NullHeadTemplate(IoPolicies.Create("round-robin")));
MpathDevice[] paths =
[
    .. new[] { 0.1, 3 }.Select((milliseconds, id) =>
        new NullPath($"path{id}", new NullOptions { Latency = TimeSpan.FromMilliseconds(milliseconds) }).AddTo(head, new MpathController(id))),
];
using var disk = new MpathDisk(head);
var selectors = new MpathSelectors();

await Read("round-robin");
using (SelectorRegistration registration = selectors.Register(new LeastWaiting(), head))
{
    await Read("least-waiting");
    Console.WriteLine($"chosen {registration.Statistics.Chosen}, faults {registration.Statistics.Faults}");
}

await Read("round-robin");

async Task Read(string how)
{
    long[] before = [.. paths.Select(path => path.Statistics.Io.Reads)];
    await Task.WhenAll(Enumerable.Range(0, 8).Select(async reader =>
    {
        byte[] block = new byte[4096];
        for (long end = Environment.TickCount64 + 300; Environment.TickCount64 < end;)
        {
            await disk.ReadAsync(sector: 8 * reader, block);
        }
    }));
    Console.WriteLine($"{how}: {string.Join(", ", paths.Select((path, i) => $"{path.Name} {path.Statistics.Io.Reads - before[i]}"))}");
}

/// <summary>The path on which an I/O would wait least: latency times load.</summary>
public sealed class LeastWaiting : IMpathSelector
{
    public string Name => "least-waiting";

    public SelectorNeeds Needs => SelectorNeeds.Latency | SelectorNeeds.Load;

    public int SelectPath(ref PathIterator paths, in SelectContext context)
    {
        PathView best = default;
        for (Errno step = paths.First(); step == 0; step = paths.Next())
        {
            if (paths.Current.IsUsable && (best.IsNone || Wait(paths.Current) < Wait(best)))
            {
                best = paths.Current;
            }
        }

        return paths.MoveTo(best) == 0 ? best.ControllerId : -1;             // -1: the policy decides
    }

    private static long Wait(PathView path) => path.Latency.Smoothed * (path.Load + 1);
}
