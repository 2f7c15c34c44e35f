using LibMultipath.Paths;
using LibMultipath.Reservations;
using Mpathd.Control;

namespace Mpathd.Serving;

/// <summary>
/// The persistent reservations of the disk. Whatever is not a success is an <see cref="MpathdException"/> that says what the disk
/// could not do.
/// </summary>
/// <remarks>The operations block for as long as the paths take.</remarks>
internal sealed class DiskReservations(MpathHead head) : IDisposable
{
    private readonly MpathReservations _reservations = new(head);

    /// <summary>Does what a request says.</summary>
    /// <returns>What was done, for people.</returns>
    public string Do(string verb, ReservationRequest? request)
    {
        request ??= new ReservationRequest();
        switch (verb)
        {
            case ControlVerbs.PrRegister:
                return Register(Key(request), OldKey(request), request.Ignore == true);
            case ControlVerbs.PrReserve:
                Expect(_reservations.Reserve(Key(request), Type(request)), $"reserve with the key {ReservationText.Format(Key(request))}");
                return $"reserved: {request.Type}";
            case ControlVerbs.PrRelease:
                Expect(_reservations.Release(Key(request), Type(request)), $"release {request.Type} with the key {ReservationText.Format(Key(request))}");
                return $"released: {request.Type}";
            case ControlVerbs.PrPreempt:
                Expect(
                    _reservations.Preempt(OldKey(request), Key(request), Type(request), request.Abort == true),
                    $"preempt the key {ReservationText.Format(Key(request))} with the key {ReservationText.Format(OldKey(request))}");
                return $"preempted: {ReservationText.Format(Key(request))}";
            default:
                Expect(_reservations.Clear(Key(request)), $"clear all keys with the key {ReservationText.Format(Key(request))}");
                return "cleared";
        }
    }

    /// <summary>Who is registered.</summary>
    public ReservationStatus ReadKeys()
    {
        Expect(_reservations.ReadKeys(out PrKeys? keys), "read the keys");
        return new ReservationStatus { Generation = keys!.Generation, Keys = [.. keys.Keys.Select(ReservationText.Format)] };
    }

    /// <summary>Who has reserved.</summary>
    public ReservationStatus ReadReservation()
    {
        Expect(_reservations.ReadReservation(out PrReservation? reservation), "read the reservation");
        return reservation is null
            ? new ReservationStatus { Generation = 0, Reserved = false }
            : new ReservationStatus
            {
                Generation = reservation.Generation,
                Reserved = true,
                Key = ReservationText.Format(reservation.Key),
                Type = ReservationText.Format(reservation.Type),
            };
    }

    public void Dispose() => _reservations.Dispose();

    private static ulong Key(ReservationRequest request) =>
        Parse(request.Key ?? throw MpathdException.WrongArguments("the request has no key", "give key"), ReservationText.ParseKey);

    private static ulong OldKey(ReservationRequest request) => request.OldKey is { } key ? Parse(key, ReservationText.ParseKey) : 0;

    private static PrType Type(ReservationRequest request) =>
        Parse(request.Type ?? throw MpathdException.WrongArguments("the request has no type", "give type"), ReservationText.ParseType);

    private static T Parse<T>(string text, Func<string, T> parse)
    {
        try
        {
            return parse(text);
        }
        catch (FormatException exception)
        {
            throw MpathdException.WrongArguments(exception.Message, "mpathd pr --help shows what there is");
        }
    }

    private string Register(ulong key, ulong oldKey, bool ignore)
    {
        Expect(
            _reservations.Register(oldKey, key, ignore),
            $"register the key {ReservationText.Format(key)} in place of {(ignore ? "any" : ReservationText.Format(oldKey))}");
        return key == 0 ? "not registered" : $"registered: {ReservationText.Format(key)}";
    }

    private void Expect(PrStatus status, string what)
    {
        switch (status)
        {
            case PrStatus.Success:
                return;
            case PrStatus.NotSupported:
                throw MpathdException.Failed(
                    $"the disk cannot {what}: its paths know no persistent reservations", "serve paths of the kind bdev: to a SCSI or NVMe device that does");
            case PrStatus.NoPath:
                throw MpathdException.Failed($"the disk cannot {what}: no path works", "look with mpathd status, and restore or add one");
            case PrStatus.ReservationConflict:
                throw MpathdException.Failed($"the disk cannot {what}: reservation conflict", $"{Registered()}; mpathd pr read-keys and read-reservation show who has what");
            default:
                throw MpathdException.Failed($"the disk cannot {what}: {status}", "look with mpathd status, and try again");
        }
    }

    private string Registered() => _reservations.Key is var key and not 0
        ? $"the disk is registered with the key {ReservationText.Format(key)}"
        : "the disk is not registered";
}
