using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Paths;
using LibMultipath.Tests.Paths;
using LibMultipath.Zones;

namespace LibMultipath.Tests.Zones;

/// <summary>
/// A head disk over paths to one zoned device: zones of 16 sectors that hold 12, reads and writes of at most 8. A path
/// does as it is told, and work that is deferred runs when it is told to.
/// </summary>
internal sealed class ZoneRig : IDisposable
{
    public const int Zones = 6;
    public const int ZoneSectors = 16;
    public const int Capacity = 12;

    public ZoneRig(int paths = 2, QueueFeatures features = QueueFeatures.None, int append = 0, ZonedMemory? device = null, Func<ZoneRig, TestTemplate>? template = null)
    {
        Device = device ?? new ZonedMemory(Zones, ZoneSectors, Capacity);
        Limits = new QueueLimits
        {
            Features = features | QueueFeatures.Zoned,
            ChunkSectors = ZoneSectors,
            MaxSectors = 8,
            MaxZoneAppendSectors = append,
            MaxWriteZeroesSectors = 64,
        };
        Rig = new Rig(0, template: template?.Invoke(this) ?? new ZonedTemplate(this));
        for (int i = 0; i < paths; i++)
        {
            AddPath();
        }

        Run();
    }

    public ZonedMemory Device { get; }

    public QueueLimits Limits { get; set; }

    public Rig Rig { get; }

    public MpathDisk Disk => Rig.Disk;

    /// <summary>Answers a report in place of the device, if it gives an answer.</summary>
    public Func<MpathDevice, long, int?>? OnReport { get; set; }

    /// <summary>How many reports were asked for.</summary>
    public int Reports { get; private set; }

    public MpathDevice AddPath(QueueLimits? limits = null)
    {
        MpathDevice path = Rig.NewPath(capacity: Device.Sectors, limits: limits ?? Limits);
        ((TestDisk)path.Disk).OnSubmit = CarryOut;
        Rig.Head.Add(path);
        path.SetLive();
        return path;
    }

    public void Run() => Rig.Work.RunAll();

    /// <summary>Does what an attempt asks for, and says so.</summary>
    public void CarryOut(BioAttempt attempt)
    {
        BlockStatus status = Device.Execute(attempt.Bio, out long appended);
        _ = attempt.Bio.Op == BioOp.ZoneAppend && status == BlockStatus.Ok ? attempt.CompleteAppend(appended) : attempt.Complete(status);
    }

    /// <summary>From now on the path dies with what it gets, once so much of it is carried out: none, all, or so many sectors.</summary>
    public void DieAfter(int path, int? sectors = null) => Rig[path].OnSubmit = attempt =>
    {
        if (sectors != 0)
        {
            Device.Execute(attempt.Bio, out _, sectors ?? long.MaxValue);
        }

        Lose(path);
        attempt.FailPath(BlockStatus.Transport);
    };

    /// <summary>The path is gone for now.</summary>
    public void Lose(int path) => Rig.Paths[path].SetDown();

    /// <summary>The path works, and carries out what it gets.</summary>
    public void Return(int path)
    {
        Rig[path].OnSubmit = CarryOut;
        Rig.Paths[path].SetLive();
    }

    public Io Submit(BioOp op, long sector, int sectors = 0, byte fill = 0, BioFlags flags = BioFlags.None)
    {
        Bio bio = op is BioOp.Write or BioOp.ZoneAppend or BioOp.Read
            ? Bio.Rent(op, sector, FilledWith(fill, sectors), flags)
            : Bio.Rent(op, sector, sectors << 9, flags);
        var io = new Io(bio);
        Disk.Submit(bio);
        return io;
    }

    /// <summary>Submits, and does all that is deferred.</summary>
    public Io Do(BioOp op, long sector, int sectors = 0, byte fill = 0, BioFlags flags = BioFlags.None)
    {
        Io io = Submit(op, sector, sectors, fill, flags);
        Run();
        return io;
    }

    /// <summary>That the data from a sector on is this, a letter for each sector.</summary>
    public void AssertData(long sector, string data)
    {
        for (int i = 0; i < data.Length; i++)
        {
            Assert.Equal(FilledWith((byte)data[i], 1), Device.Data.Slice((int)(sector + i) * 512, 512).ToArray());
        }
    }

    public void Dispose() => Rig.Dispose();

    private static byte[] FilledWith(byte value, int sectors)
    {
        byte[] data = new byte[sectors * 512];
        data.AsSpan().Fill(value);
        return data;
    }

    private sealed class ZonedTemplate(ZoneRig rig) : TestTemplate, IMpathZones
    {
        public int ReportZones(MpathDevice path, long sector, Span<Zone> zones)
        {
            rig.Reports++;
            return rig.OnReport?.Invoke(path, sector) ?? (path.IsUsable ? rig.Device.Report(sector, zones) : -(int)Errno.EIO);
        }
    }
}
