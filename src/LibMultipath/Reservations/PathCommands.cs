using LibMultipath.Block;
using LibMultipath.Paths;

namespace LibMultipath.Reservations;

/// <summary>The template's operations, of which none throws.</summary>
internal sealed class PathCommands(MpathHead head, IMpathReservationTemplate template)
{
    public PrStatus Register(MpathDevice path, ulong oldKey, ulong newKey, bool ignoreKey = false) =>
        Run(path, "register", () => template.Register(path, oldKey, newKey, ignoreKey));

    public PrStatus Reserve(MpathDevice path, ulong key, PrType type) =>
        Run(path, "reserve", () => template.Reserve(path, key, type));

    public PrStatus Release(MpathDevice path, ulong key, PrType type) =>
        Run(path, "release", () => template.Release(path, key, type));

    public PrStatus Preempt(MpathDevice path, ulong key, ulong victim, PrType type, bool abort) =>
        Run(path, "preempt", () => template.Preempt(path, key, victim, type, abort));

    public PrStatus Clear(MpathDevice path, ulong key) =>
        Run(path, "clear", () => template.Clear(path, key));

    public PrStatus ReadKeys(MpathDevice path, out PrKeys keys)
    {
        PrKeys? read = null;
        PrStatus status = Run(path, "read keys", () => template.ReadKeys(path, out read));
        keys = read ?? new PrKeys(0, []);
        return status == PrStatus.Success && read is null ? PrStatus.IoError : status;
    }

    public PrStatus ReadReservation(MpathDevice path, out PrReservation? reservation)
    {
        PrReservation? read = null;
        PrStatus status = Run(path, "read reservation", () => template.ReadReservation(path, out read));
        reservation = read;
        return status;
    }

    private PrStatus Run(MpathDevice path, string operation, Func<PrStatus> command)
    {
        if (!HeldPath.TryTake(head, path, out HeldPath held))
        {
            return PrStatus.PathFailed;
        }

        try
        {
            PrStatus status = command();

            // Whatever the driver makes of it: a path that is down by now has failed, and says nothing of the device.
            return status == PrStatus.IoError && !path.IsReachable ? PrStatus.PathFailed : status;
        }
        catch (BlockException exception) when (exception.Errno is Errno.EOPNOTSUPP or Errno.ENOTTY)
        {
            return PrStatus.NotSupported;
        }
        catch (Exception exception)
        {
            head.Logger.DriverThrew(exception, head.Name, path.Name, operation);
            return path.IsReachable ? PrStatus.IoError : PrStatus.PathFailed;
        }
        finally
        {
            held.LetGo();
        }
    }
}
