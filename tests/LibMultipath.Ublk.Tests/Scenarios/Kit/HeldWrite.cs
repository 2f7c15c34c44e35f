using LibMultipath.Disk;
using LibMultipath.Paths;
using LibMultipath.Tests.Kit;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Host;
using LibMultipath.Ublk.Tests.Kit;

namespace LibMultipath.Ublk.Tests.Scenarios.Kit;

/// <summary>A block device, which waits for the next server when its own has left, and a write that its path holds.</summary>
internal sealed class HeldWrite : IDisposable
{
    private readonly MpathHead _head;
    private readonly DeletedInTheEnd _end;
    private readonly Task<(int Code, string Output)> _write;

    public HeldWrite(int number)
    {
        (_head, Disk) = TestPath.Head(Path);
        Control = UblkControl.Open();
        _end = new DeletedInTheEnd(Control, number);
        Host = UblkHost.Start(Disk, new UblkHostOptions { Id = number, NoPartitionScan = true, Recovery = UblkRecovery.Queue });
        Path.Hold();
        _write = Task.Run(() => Shell.Try($"dd if=/dev/zero of={Host.BlockPath} bs=4k count=1 oflag=direct"));
        Eventually.True(() => Path.Held == 1, "the write to be with the path");
    }

    public TestPath Path { get; } = new("path");

    public MpathDisk Disk { get; }

    public UblkControl Control { get; }

    public UblkHost Host { get; }

    /// <summary>Waits for the end of the write, and says whether it succeeded.</summary>
    public bool Succeeds()
    {
        Assert.True(_write.Wait(Eventually.Limit), "The write does not end.");
        return _write.Result.Code == 0;
    }

    public void Dispose()
    {
        _end.Dispose();
        Control.Dispose();
        Disk.Dispose();
        _head.Dispose();
    }
}
