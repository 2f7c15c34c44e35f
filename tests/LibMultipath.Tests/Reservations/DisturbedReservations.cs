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
        Disturb(step.A / 2 % 4, step.A / 8 % 14, type);
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
        RaiseAll();
        Check(registers);
        _rig.Target.Register(ReservationRig.Rival, 0, ReservationRig.RivalKey, ignoreKey: true);
    }

    public void Dispose() => _rig.Dispose();

    private void Disturb(int how, int at, PrType type)
    {
        _commands = 0;
        _preempted = false;
        _rig.Template.Before = (path, _) =>
        {
            if (_commands++ == at && how is 1 or 2)
            {
                if (how == 1)
                {
                    Preempt(type);
                }
                else
                {
                    path.SetDown();
                }
            }

            return null;
        };
        _rig.Template.After = (path, _) =>
        {
            if (_commands - 1 == at && how == 3)
            {
                path.SetDown();
                return PrStatus.PathFailed;
            }

            return null;
        };
    }

    private void Preempt(PrType type)
    {
        foreach (ulong key in s_keys)
        {
            _preempted |= _rig.Target.Preempt(ReservationRig.Rival, ReservationRig.RivalKey, key, type) == PrStatus.Success;
        }
    }

    private void RaiseAll()
    {
        _rig.Template.Before = null;
        _rig.Template.After = null;
        foreach (MpathDevice path in _rig.Rig.Head.Paths)
        {
            path.SetLive();
        }

        _rig.Rig.Work.RunAll();
        _rig.Rig.Pass(TimeSpan.FromSeconds(1));
        _rig.Rig.Pass(TimeSpan.FromSeconds(1));
    }

    private void Check(bool registers)
    {
        Assert.NotEmpty(_rig.Used);
        Assert.Single(_rig.Used.Select(path => _rig.Target.KeyOf(path)).Distinct());
        _rig.SubmitOnAll(BioOp.Read);
        _rig.SubmitOnAll(BioOp.Write);
        if (_preempted && !registers)
        {
            Assert.Empty(_rig.Keys.Intersect(s_keys));
        }
    }
}
