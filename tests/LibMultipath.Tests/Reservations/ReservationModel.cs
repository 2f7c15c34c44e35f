using LibMultipath.Block;
using LibMultipath.Reservations;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Reservations;

/// <summary>
/// A multipath disk beside an ideal device that has a single path which never fails: both see the same operations of ours, and
/// the same ones of a rival. Whatever becomes of the paths, the two must not be told apart.
/// </summary>
internal sealed class ReservationModel : IDisposable
{
    private const int Us = 0;
    private const int MostPaths = 7;

    private static readonly ulong[] s_keys = [0x11, 0x22];

    private readonly ReservationRig _rig;
    private readonly ScsiTarget _ideal = new();

    public ReservationModel(int setup) => _rig = new ReservationRig(1 + (setup % 4));

    private MpathReservations Ours => _rig.Reservations;

    private bool HasPath => _rig.Used.Length > 0;

    public void Play(Step step)
    {
        ulong key = s_keys[step.A % 2];
        ulong second = s_keys[step.B % 2];
        var type = (PrType)(1 + (step.B % 6));
        switch (step.Kind)
        {
            case 0:
                Same($"register 0 {key:x}", () => Ours.Register(0, key), () => _ideal.Register(Us, 0, key, ignoreKey: false));
                break;
            case 1:
                Same($"register {key:x} {second:x}", () => Ours.Register(key, second), () => _ideal.Register(Us, key, second, ignoreKey: false));
                break;
            case 2:
                Same($"register {key:x} 0", () => Ours.Register(key, 0), () => _ideal.Register(Us, key, 0, ignoreKey: false));
                break;
            case 3:
                Same($"register ignoring {key:x}", () => Ours.Register(0, key, true), () => _ideal.Register(Us, 0, key, ignoreKey: true));
                break;
            case 4:
                Same($"unregister ignoring", () => Ours.Register(0, 0, true), () => _ideal.Register(Us, 0, 0, ignoreKey: true));
                break;
            case 5:
                Same($"reserve {key:x} {type}", () => Ours.Reserve(key, type), () => _ideal.Reserve(Us, key, type));
                break;
            case 6:
                Same($"release {key:x} {type}", () => Ours.Release(key, type), () => _ideal.Release(Us, key, type));
                break;
            case 7:
                Same($"preempt self {key:x} {type}", () => Ours.Preempt(key, key, type), () => _ideal.Preempt(Us, key, key, type));
                break;
            case 8:
                Same(
                    $"preempt rival {key:x} {type}",
                    () => Ours.Preempt(key, ReservationRig.RivalKey, type),
                    () => _ideal.Preempt(Us, key, ReservationRig.RivalKey, type));
                break;
            case 9:
                Same($"preempt all {key:x} {type}", () => Ours.Preempt(key, 0, type), () => _ideal.Preempt(Us, key, 0, type));
                break;
            case 10:
                Same($"clear {key:x}", () => Ours.Clear(key), () => _ideal.Clear(Us, key));
                break;
            case 11 or 12:
                Down(step.A);
                break;
            case 13 or 14:
                Up(step.A);
                break;
            case 15:
                Add();
                break;
            case 16:
                Remove(step.A);
                break;
            case 17:
                Rival(target => target.Register(ReservationRig.Rival, 0, ReservationRig.RivalKey, ignoreKey: true));
                break;
            case 18:
                Rival(target => target.Reserve(ReservationRig.Rival, ReservationRig.RivalKey, type));
                break;
            case 19:
                Rival(target => target.Preempt(ReservationRig.Rival, ReservationRig.RivalKey, key, type));
                break;
            case 20:
                Rival(target => target.Clear(ReservationRig.Rival, ReservationRig.RivalKey));
                break;
            case 21:
                Rival(target => target.Release(ReservationRig.Rival, ReservationRig.RivalKey, type));
                break;
            case 22:
                Rival(target => target.Register(ReservationRig.Rival, ReservationRig.RivalKey, 0, ignoreKey: false));
                break;
            default:
                break;
        }

        Compare();
    }

    public void Dispose() => _rig.Dispose();

    private void Same(string what, Func<PrStatus> ours, Func<PrStatus> ideal)
    {
        if (!HasPath)
        {
            Assert.Equal(PrStatus.NoPath, ours());
            return;
        }

        PrStatus wanted = ideal();
        Assert.True(ours() == wanted, $"{what} should end with {wanted}: {string.Join("; ", _rig.Template.Commands.TakeLast(20))}");
        _rig.Rig.Work.RunAll();
    }

    private void Rival(Func<ScsiTarget, PrStatus> operation) => Assert.Equal(operation(_ideal), operation(_rig.Target));

    private void Down(int number)
    {
        if (_rig.Used is { Length: > 0 } used)
        {
            _rig.Down(used[number % used.Length]);
        }
    }

    private void Up(int number)
    {
        int[] down = [.. Enumerable.Range(0, _rig.Paths.Count).Where(path => !_rig.Paths[path].IsRemoved && !_rig.Paths[path].IsLive)];
        if (down.Length > 0)
        {
            _rig.Up(down[number % down.Length]);
        }
    }

    private void Add()
    {
        if (_rig.Paths.Count < MostPaths)
        {
            _rig.AddPath();
            _rig.Rig.Work.RunAll();
        }
    }

    // The last one stays, or the disk would go.
    private void Remove(int number)
    {
        if (_rig.Rig.Head.Paths is { Count: > 1 } paths)
        {
            _rig.Rig.Head.Remove(paths[number % paths.Count]);
            _rig.Rig.Work.RunAll();
        }
    }

    private void Compare()
    {
        if (!HasPath)
        {
            return;
        }

        Assert.Equal(PrStatus.Success, Ours.ReadKeys(out PrKeys? keys));
        ulong own = _ideal.KeyOf(Us) ?? 0;
        Assert.Equal(_ideal.ReadKeys().Keys.Order(), keys!.Keys.Order().Select(key => key).Aggregate(
            new List<ulong>(), (all, key) => key == own && all.Contains(key) ? all : [.. all, key]));

        Assert.Equal(PrStatus.Success, Ours.ReadReservation(out PrReservation? reservation));
        PrReservation? wanted = _ideal.ReadReservation();
        Assert.Equal((wanted?.Key, wanted?.Type), (reservation?.Key, reservation?.Type));

        foreach (int path in _rig.Used)
        {
            Assert.Equal(_ideal.KeyOf(Us), _rig.Target.KeyOf(path));
        }

        foreach (BioOp op in new[] { BioOp.Read, BioOp.Write })
        {
            BlockStatus end = _ideal.MayAccess(Us, op == BioOp.Write) ? BlockStatus.Ok : BlockStatus.ReservationConflict;
            Assert.Equal(end, _rig.SubmitOnAll(op));
        }
    }
}
