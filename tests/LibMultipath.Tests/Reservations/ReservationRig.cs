using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Reservations;
using LibMultipath.Selection;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Reservations;

/// <summary>A head over paths to one logical unit, each a nexus of its own (0, 1, ...), and a rival (100).</summary>
internal sealed class ReservationRig : IDisposable
{
    public const int Rival = 100;
    public const ulong RivalKey = 0xbad;

    public ReservationRig(int paths = 4, ScsiTarget? target = null, ReservationScope scope = ReservationScope.Nexus)
    {
        Target = target ?? new ScsiTarget();
        Template = new ReservingTemplate(Target, scope);
        Template.Policy.Set(IoPolicies.RoundRobin);
        Rig = new Rig(0, template: Template);
        Reservations = new MpathReservations(Rig.Head);
        for (int i = 0; i < paths; i++)
        {
            AddPath();
        }

        Rig.Work.RunAll();
    }

    /// <summary>A head whose paths are registered, and hold a reservation.</summary>
    public static ReservationRig Holding(int paths, ulong key, PrType type)
    {
        var rig = new ReservationRig(paths);
        Assert.Equal(PrStatus.Success, rig.Reservations.Register(0, key));
        Assert.Equal(PrStatus.Success, rig.Reservations.Reserve(key, type));
        return rig;
    }

    public ScsiTarget Target { get; }

    public ReservingTemplate Template { get; }

    public Rig Rig { get; }

    public MpathReservations Reservations { get; }

    public IReadOnlyList<MpathDevice> Paths => Rig.Paths;

    /// <summary>Adds a path, which is live but not yet admitted.</summary>
    public MpathDevice AddPath()
    {
        int number = Rig.Paths.Count;
        MpathDevice path = Rig.NewPath();
        path.DriverData = Template.ReservationScope == ReservationScope.Host ? 0 : number;
        ((TestDisk)path.Disk).OnSubmit = attempt => attempt.Complete(
            Target.MayAccess((int)path.DriverData, attempt.Bio.Op != BioOp.Read) ? BlockStatus.Ok : BlockStatus.ReservationConflict);
        Rig.Head.Add(path);
        path.SetLive();
        return path;
    }

    public void Down(int path)
    {
        Paths[path].SetDown();
        Rig.Work.RunAll();
    }

    public void Up(int path)
    {
        Paths[path].SetLive();
        Rig.Work.RunAll();
    }

    /// <summary>How an I/O through the head ends; it is not left waiting.</summary>
    public BlockStatus Submit(BioOp op = BioOp.Write)
    {
        Io io = Rig.Submit(op: op);
        Rig.Work.RunAll();
        Assert.Equal(1, io.Ends);
        io.Bio.Dispose();
        return io.Status;
    }

    /// <summary>How I/O ends when every usable path has had some: all the same way.</summary>
    public BlockStatus SubmitOnAll(BioOp op = BioOp.Write)
    {
        BlockStatus[] ends = [.. Enumerable.Range(0, 2 * Math.Max(1, Rig.Head.PathCount)).Select(_ => Submit(op))];
        Assert.All(ends, end => Assert.Equal(ends[0], end));
        return ends[0];
    }

    /// <summary>Which paths are used.</summary>
    public int[] Used => [.. Enumerable.Range(0, Paths.Count).Where(path => Paths[path].IsUsable)];

    public ulong[] Keys => [.. Target.ReadKeys().Keys];

    public void Dispose()
    {
        Reservations.Dispose();
        Rig.Dispose();
    }
}
