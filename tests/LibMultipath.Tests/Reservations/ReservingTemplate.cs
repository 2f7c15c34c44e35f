using LibMultipath.Paths;
using LibMultipath.Reservations;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Reservations;

/// <summary>A template whose paths reach a <see cref="ScsiTarget"/>, each through a nexus of its own: its driver data.</summary>
internal sealed class ReservingTemplate(ScsiTarget target, ReservationScope scope = ReservationScope.Nexus) : TestTemplate, IMpathReservationTemplate
{
    /// <summary>What goes wrong: called before every command, and answers in its place if it answers anything.</summary>
    public Func<MpathDevice, string, PrStatus?>? Before { get; set; }

    /// <summary>Called after every command, and may take its answer's place.</summary>
    public Func<MpathDevice, string, PrStatus?>? After { get; set; }

    /// <summary>Every command, with the path that it went down.</summary>
    public List<string> Commands { get; } = [];

    public ReservationScope ReservationScope => scope;

    public PrStatus Register(MpathDevice path, ulong oldKey, ulong newKey, bool ignoreKey) =>
        Send(path, $"register {oldKey} {newKey}{(ignoreKey ? " ignore" : "")}", nexus => target.Register(nexus, oldKey, newKey, ignoreKey));

    public PrStatus Reserve(MpathDevice path, ulong key, PrType type) =>
        Send(path, $"reserve {key} {type}", nexus => target.Reserve(nexus, key, type));

    public PrStatus Release(MpathDevice path, ulong key, PrType type) =>
        Send(path, $"release {key} {type}", nexus => target.Release(nexus, key, type));

    public PrStatus Preempt(MpathDevice path, ulong key, ulong victim, PrType type, bool abort) =>
        Send(path, $"preempt {key} {victim} {type}{(abort ? " abort" : "")}", nexus => target.Preempt(nexus, key, victim, type));

    public PrStatus Clear(MpathDevice path, ulong key) => Send(path, $"clear {key}", nexus => target.Clear(nexus, key));

    public PrStatus ReadKeys(MpathDevice path, out PrKeys? keys)
    {
        PrKeys? read = null;
        PrStatus status = Send(path, "read keys", _ =>
        {
            read = target.ReadKeys();
            return PrStatus.Success;
        });
        keys = read;
        return status;
    }

    public PrStatus ReadReservation(MpathDevice path, out PrReservation? reservation)
    {
        PrReservation? read = null;
        PrStatus status = Send(path, "read reservation", _ =>
        {
            read = target.ReadReservation();
            return PrStatus.Success;
        });
        reservation = read;
        return status;
    }

    private PrStatus Send(MpathDevice path, string command, Func<int, PrStatus> carryOut)
    {
        Commands.Add($"{path.Name}: {command}");
        if (Before?.Invoke(path, command) is { } instead)
        {
            return instead;
        }

        if (!path.IsReachable)
        {
            return PrStatus.PathFailed;
        }

        PrStatus status = carryOut((int)path.DriverData!);
        return After?.Invoke(path, command) ?? status;
    }
}
