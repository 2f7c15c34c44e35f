using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Reservations;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Reservations;

/// <summary>
/// Operations that are disturbed between any two of their commands: a rival preempts, or a path goes down, before or after it has
/// carried the command out. Afterwards all paths that are used must have the same access, and nobody what was taken away.
/// </summary>
internal sealed class DisturbedReservations : IDisposable
{
    private static readonly ulong[] s_keys = [0x11, 0x22];

    private readonly ReservationRig _rig;
    private int _commands;
    private bool _preempted;
    private PrType _preemptType;

    public DisturbedReservations(int setup)
    {
        _rig = new ReservationRig(2 + (setup % 3));
        _rig.Target.Register(ReservationRig.Rival, 0, ReservationRig.RivalKey, ignoreKey: true);
    }

    private MpathReservations Ours => _rig.Reservations;

    public void Play(Step step)
    {
        ulong key = s_keys[step.A % 2];
        ulong second = s_keys[step.B % 2];
        var type = (PrType)(1 + (step.B % 6));
        bool registers = false;
        Disturb((step.A / 2 % 4, step.A / 8 % 14), (step.B / 6 % 4, step.B / 24 % 14));
        _preemptType = type;
        switch (step.Kind)
        {
            case 0 or 1:
                registers = true;
                Ours.Register(0, key);
                break;
            case 2:
                registers = true;
                Ours.Register(key, second);
                break;
            case 3:
                Ours.Register(key, 0);
                break;
            case 4:
                registers = true;
                Ours.Register(0, key, ignoreKey: true);
                break;
            case 5:
                Ours.Reserve(key, type);
                break;
            case 6:
                Ours.Release(key, type);
                break;
            case 7:
                Ours.Preempt(key, key, type);
                break;
            case 8:
                Ours.Preempt(key, ReservationRig.RivalKey, type);
                break;
            case 9:
                _rig.Rig.Head.Paths[step.B % _rig.Rig.Head.PathCount].SetDown();
                break;
            default:
                break;
        }

        _rig.Rig.Work.RunAll();
        Settle(raise: step.A % 3 != 0);
        Check(registers);
        _rig.Target.Register(ReservationRig.Rival, 0, ReservationRig.RivalKey, ignoreKey: true);
    }

    public void Dispose() => _rig.Dispose();

    private void Disturb(params (int How, int At)[] disturbances)
    {
        _commands = 0;
        _preempted = false;
        _rig.Template.Before = (path, _) =>
        {
            foreach ((int how, int at) in disturbances)
            {
                if (_commands == at && how == 1)
                {
                    Preempt(_preemptType);
                }
                else if (_commands == at && how == 2)
                {
                    path.SetDown();
                }
            }

            _commands++;
            return null;
        };
        _rig.Template.After = (path, _) =>
        {
            if (!disturbances.Contains((3, _commands - 1)))
            {
                return null;
            }

            path.SetDown();
            return PrStatus.PathFailed;
        };
    }

    private void Preempt(PrType type)
    {
        foreach (ulong key in s_keys)
        {
            _preempted |= _rig.Target.Preempt(ReservationRig.Rival, ReservationRig.RivalKey, key, type) == PrStatus.Success;
        }
    }

    private void Settle(bool raise)
    {
        _rig.Template.Before = null;
        _rig.Template.After = null;
        foreach (MpathDevice path in _rig.Rig.Head.Paths)
        {
            if (raise || _rig.Rig.Head.Paths.All(each => !each.IsLive))
            {
                path.SetLive();
            }
        }

        _rig.Rig.Work.RunAll();
        _rig.Rig.Pass(TimeSpan.FromSeconds(1));
        _rig.Rig.Pass(TimeSpan.FromSeconds(1));
    }

    private void Check(bool registers)
    {
        Assert.NotEmpty(_rig.Used);
        ulong? key = Assert.Single(_rig.Used.Select(path => _rig.Target.KeyOf(path)).Distinct());
        BlockStatus read = _rig.SubmitOnAll(BioOp.Read);
        BlockStatus write = _rig.SubmitOnAll(BioOp.Write);
        if (Ours.Key != 0 && _rig.Keys.Contains(Ours.Key))
        {
            Assert.Equal(Ours.Key, key);
            if (_rig.Target.ReadReservation() is { } reservation && (reservation.Key == key || reservation.Type.IsAllRegistrants()))
            {
                Assert.Equal((BlockStatus.Ok, BlockStatus.Ok), (read, write));
            }
        }

        if (_preempted && !registers)
        {
            // What a path has that nobody can ask goes when it returns.
            Assert.All(_rig.Rig.Head.Paths, path => Assert.True(!path.IsLive || _rig.Target.KeyOf((int)path.DriverData!) is null));
        }
    }
}
