using LibMultipath.Block;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Zones;

/// <summary>
/// A zoned head disk whose paths die with what they have, before, while or after it is carried out, beside an ideal device
/// that gets the same in the order of submission. In the end both are the same: nothing is lost, doubled or out of order.
/// </summary>
internal sealed class ZoneModel : IDisposable
{
    private const int Paths = 3;

    private readonly ZonedMemory _ideal = new(ZoneRig.Zones, ZoneRig.ZoneSectors, ZoneRig.Capacity);
    private readonly List<Expected> _ios = [];
    private readonly ZoneRig _rig;
    private readonly BioFlags _flags;
    private int _stamp;

    public ZoneModel(int setup)
    {
        QueueFeatures features = (setup % 3) switch
        {
            0 => QueueFeatures.None,
            1 => QueueFeatures.WriteCache,
            _ => QueueFeatures.WriteCache | QueueFeatures.Fua,
        };
        int append = (setup / 3 % 3) switch { 0 => 0, 1 => 4, _ => ZoneRig.ZoneSectors };
        _flags = features == QueueFeatures.None ? BioFlags.None : BioFlags.Fua | BioFlags.PreFlush;
        _rig = new ZoneRig(Paths, features, append);
    }

    public void Play(Step step)
    {
        int path = step.A % Paths;
        int zone = step.A % ZoneRig.Zones;
        switch (step.Kind)
        {
            case 0 or 1:
                // At the write pointer as the submitter knows it, or beside it.
                Submit(BioOp.Write, NextOf(zone) + (step.B % 11 == 0 ? 1 : 0), 1 + (step.B % 10), step.B);
                break;
            case 2:
                Submit(BioOp.ZoneAppend, zone * ZoneRig.ZoneSectors, 1 + (step.B % 12), step.B);
                break;
            case 3:
                Submit(BioOp.WriteZeroes, NextOf(zone), 1 + (step.B % 4), 0);
                break;
            case 4:
                Submit((BioOp)((int)BioOp.ZoneOpen + (2 * (step.B % 4))), zone * ZoneRig.ZoneSectors, 0, 0);
                break;
            case 5 when step.B % 4 == 0:
                Submit(BioOp.ZoneResetAll, 0, 0, 0);
                break;
            case 6:
                _rig.DieAfter(path, (step.B % 3) switch { 0 => 0, 1 => 1 + (step.B % 7), _ => null });
                break;
            case 7:
                _rig.Return(path);
                break;
            case 8:
                _rig.Rig[path].Hold = !_rig.Rig[path].Hold;
                break;
            case 9 when _rig.Rig[path].Held.Count is > 0 and var held:
                BioAttempt attempt = _rig.Rig[path].Take(step.B % held);
                _rig.Rig[path].OnSubmit!(attempt);
                break;
            case 10:
                _rig.Rig.Work.RunOne();
                break;
            case 11:
                DieReporting(path);
                break;
        }
    }

    /// <summary>All paths come back, and all that was submitted ends as on the ideal device.</summary>
    public void Dispose()
    {
        _rig.OnReport = null;
        for (int path = 0; path < Paths; path++)
        {
            _rig.Rig[path].Hold = false;
            _rig.Return(path);
            while (_rig.Rig[path].Held.Count > 0)
            {
                _rig.CarryOut(_rig.Rig[path].Take());
            }
        }

        _rig.Run();
        foreach (Expected expected in _ios)
        {
            expected.Io.AssertEnded(expected.Status);
            if (expected.Status == BlockStatus.Ok && expected.Io.Bio.Op == BioOp.ZoneAppend)
            {
                Assert.Equal(expected.Appended, expected.Io.Bio.AppendedSector);
            }
        }

        Assert.Equal(_ideal.Zones, _rig.Device.Zones);
        Assert.Equal(_ideal.Data, _rig.Device.Data);
        _rig.Dispose();
    }

    private void DieReporting(int path) => _rig.OnReport = (reporter, _) =>
    {
        if (reporter != _rig.Rig.Paths[path])
        {
            return null;
        }

        _rig.Lose(path);
        _rig.OnReport = null;
        return -(int)Errno.EIO;
    };

    private long NextOf(int zone) => Math.Min(_ideal[zone].WritePointer, ((zone + 1) * ZoneRig.ZoneSectors) - 1);

    private void Submit(BioOp op, long sector, int sectors, int pick)
    {
        byte stamp = (byte)(1 + (_stamp++ % 255));
        if (op is BioOp.Write or BioOp.WriteZeroes && sector < ZoneRig.ZoneSectors)
        {
            // What has no order is the same whatever came last.
            (op, sector, sectors, stamp) = (BioOp.Write, pick % ZoneRig.ZoneSectors, 1, (byte)(pick % ZoneRig.ZoneSectors));
        }
        else if (op == BioOp.WriteZeroes)
        {
            stamp = 0;
        }

        BioFlags flags = op is BioOp.Write or BioOp.ZoneAppend ? (pick / 10 % 3) switch { 0 => BioFlags.Fua, 1 => BioFlags.PreFlush, _ => BioFlags.None } : BioFlags.None;
        (BlockStatus status, long appended) = Ideal(op, sector, sectors, stamp);
        _ios.Add(new Expected(_rig.Submit(op, sector, sectors, stamp, flags & _flags), status, appended));
    }

    // A write goes in parts, as on any disk: the first that fails ends it.
    private (BlockStatus Status, long Appended) Ideal(BioOp op, long sector, int sectors, byte stamp)
    {
        if (sector + sectors > _ideal.Sectors)
        {
            return (BlockStatus.IoError, 0);
        }

        byte[] data = new byte[sectors * 512];
        data.AsSpan().Fill(stamp);
        if (op is not (BioOp.Write or BioOp.WriteZeroes))
        {
            return (_ideal.Execute(op, sector, data, out long appended), appended);
        }

        int most = op == BioOp.Write ? _rig.Limits.MaxSectors : _rig.Limits.MaxWriteZeroesSectors;
        BlockStatus first = BlockStatus.Ok;
        bool crosses = (sector % ZoneRig.ZoneSectors) + sectors > ZoneRig.ZoneSectors;
        for (int done = 0; done < sectors && (crosses || first == BlockStatus.Ok);)
        {
            int now = (int)Math.Min(Math.Min(sectors - done, most), ZoneRig.ZoneSectors - ((sector + done) % ZoneRig.ZoneSectors));
            BlockStatus status = _ideal.Execute(op, sector + done, data.AsSpan(0, now * 512), out _);
            first = first == BlockStatus.Ok ? status : first;
            done += now;
        }

        return (first, 0);
    }

    private sealed record Expected(Io Io, BlockStatus Status, long Appended);
}
