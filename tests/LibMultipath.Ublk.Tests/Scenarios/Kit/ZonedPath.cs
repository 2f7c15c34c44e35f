using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Paths;
using LibMultipath.Selection;
using LibMultipath.Tests.Zones;
using LibMultipath.Zones;

namespace LibMultipath.Ublk.Tests.Scenarios.Kit;

/// <summary>A path to a zoned device in memory. It dies with what it has when it is told to, and can come back.</summary>
internal sealed class ZonedPath(string name, ZonedMemory memory, QueueLimits limits) : DriverDisk(name, memory.Sectors, limits)
{
    private int _left = int.MaxValue;
    private bool _carriesOut;

    /// <summary>The path of this disk.</summary>
    public MpathDevice Path { get; private set; } = null!;

    /// <summary>Whether the end of a path is an error that the user of the disk sees, and no more: he may have other paths.</summary>
    public bool OnlyFails { get; set; }

    /// <summary>How often it has died with a write that it had carried out, and with one that it had not.</summary>
    public (int After, int Before) Deaths { get; private set; }

    /// <summary>A live head disk over so many paths to one device.</summary>
    public static (MpathHead Head, MpathDisk Disk, ZonedPath[] Paths) Head(ZonedMemory memory, QueueLimits limits, int paths = 2)
    {
        var head = new MpathHead("zones", new Template(memory));
        var disk = new MpathDisk(head);
        ZonedPath[] all = [.. Enumerable.Range(0, paths).Select(i => new ZonedPath($"path{i}", memory, limits))];
        foreach (ZonedPath path in all)
        {
            path.Path = new MpathDevice(new MpathController(Array.IndexOf(all, path)), path);
            head.Add(path.Path);
            path.Path.SetLive();
        }

        return (head, disk, all);
    }

    /// <summary>It dies with the write that comes after so many others, before or after that is carried out.</summary>
    public void DieIn(int writes, bool carriesOut)
    {
        _carriesOut = carriesOut;
        Volatile.Write(ref _left, writes);
    }

    protected override void SubmitBio(BioAttempt attempt)
    {
        bool dies = attempt.Bio.Op == BioOp.Write && Interlocked.Decrement(ref _left) == 0;
        BlockStatus status = BlockStatus.Transport;
        if (!dies || _carriesOut)
        {
            status = memory.Execute(attempt.Bio, out _);
        }

        if (dies)
        {
            Deaths = _carriesOut ? (Deaths.After + 1, Deaths.Before) : (Deaths.After, Deaths.Before + 1);
        }

        if (dies && !OnlyFails)
        {
            Path.SetDown();
            attempt.FailPath(BlockStatus.Transport);
        }
        else
        {
            attempt.Complete(dies ? BlockStatus.Transport : status);
        }
    }

    private sealed class Template(ZonedMemory memory) : IMpathHeadTemplate, IMpathZones
    {
        public MpathIoPolicy Policy { get; } = IoPolicies.Create("round-robin");

        public bool AvailablePath(MpathDevice path) => true;

        public void RereadState(MpathDevice path)
        {
        }

        public int ReportZones(MpathDevice path, long sector, Span<Zone> zones) => path.IsUsable ? memory.Report(sector, zones) : -(int)Errno.EIO;
    }
}
