using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Paths;
using LibMultipath.Selection;

byte[] memory = new byte[1 << 20];                                       // what both paths lead to
using var head = new MpathHead("ram0", new RamTemplate());
MpathDevice[] paths = [.. Enumerable.Range(0, 2).Select(id => new MpathDevice(new MpathController(id), new RamPath($"path{id}", memory)))];
using var disk = new MpathDisk(head);
foreach (MpathDevice path in paths)
{
    head.Add(path);
    path.SetLive();
}

byte[] block = new byte[4096];
block.AsSpan().Fill(42);
Console.WriteLine($"write: {await disk.WriteAsync(sector: 8, block)}");
((RamPath)paths[0].Disk).Unplugged = true;                               // pull a cable
block.AsSpan().Clear();
Console.WriteLine($"read with a path down: {await disk.ReadAsync(sector: 8, block)}, {block.Count(value => value == 42)} bytes right");
Console.WriteLine($"failovers of path0: {paths[0].Statistics.Failovers}");

internal sealed class RamPath(string name, byte[] memory) : DriverDisk(name, capacitySectors: memory.Length / 512)
{
    public bool Unplugged { get; set; }

    protected override void SubmitBio(BioAttempt attempt)
    {
        if (Unplugged)
        {
            attempt.FailPath(BlockStatus.Transport);                     // goes on on another path
            return;
        }

        int offset = (int)attempt.Bio.Sector * 512;
        foreach (BioSegment segment in attempt.Bio.Segments)
        {
            Span<byte> here = memory.AsSpan(offset, segment.Length);
            bool writes = attempt.Bio.Op == BioOp.Write;
            (writes ? segment.Span : here).CopyTo(writes ? here : segment.Span);
            offset += segment.Length;
        }

        attempt.Complete(BlockStatus.Ok);
    }
}

internal sealed class RamTemplate : IMpathHeadTemplate
{
    public MpathIoPolicy Policy { get; } = IoPolicies.Create("round-robin");
    public bool AvailablePath(MpathDevice path) => path.Controller.MayComeBack;
    public void RereadState(MpathDevice path) => Task.Run(() => path.AccessState = MpathAccessState.Optimized);
}
