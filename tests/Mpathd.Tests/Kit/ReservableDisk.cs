using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Reservations;
using LibMultipath.Selection;
using LibMultipath.Tests.Reservations;
using Mpathd.Control;
using Mpathd.Serving;

namespace Mpathd.Tests.Kit;

/// <summary>A disk whose paths reach a target that knows persistent reservations.</summary>
internal sealed class ReservableDisk : IMpathHeadTemplate, IMpathReservationTemplate, IDisposable
{
    private readonly MpathHead _head;

    public ReservableDisk(int paths)
    {
        _head = new MpathHead("disk", this);
        Reservations = new DiskReservations(_head);
        for (int i = 0; i < paths; i++)
        {
            var path = new MpathDevice(new MpathController(i), new NoDisk($"path{i}")) { DriverData = i };
            _head.Add(path);
            path.SetLive();
        }
    }

    public ScsiTarget Target { get; } = new();

    public DiskReservations Reservations { get; }

    public MpathIoPolicy Policy { get; } = IoPolicies.Create("numa");

    public ReservationScope ReservationScope => ReservationScope.Nexus;

    public string Do(string verb, ReservationRequest request) => Reservations.Do(verb, request);

    public bool AvailablePath(MpathDevice path) => true;

    public void RereadState(MpathDevice path)
    {
    }

    public PrStatus Register(MpathDevice path, ulong oldKey, ulong newKey, bool ignoreKey) => Target.Register(Nexus(path), oldKey, newKey, ignoreKey);

    public PrStatus Reserve(MpathDevice path, ulong key, PrType type) => Target.Reserve(Nexus(path), key, type);

    public PrStatus Release(MpathDevice path, ulong key, PrType type) => Target.Release(Nexus(path), key, type);

    public PrStatus Preempt(MpathDevice path, ulong key, ulong victim, PrType type, bool abort) => Target.Preempt(Nexus(path), key, victim, type);

    public PrStatus Clear(MpathDevice path, ulong key) => Target.Clear(Nexus(path), key);

    public PrStatus ReadKeys(MpathDevice path, out PrKeys? keys)
    {
        keys = Target.ReadKeys();
        return PrStatus.Success;
    }

    public PrStatus ReadReservation(MpathDevice path, out PrReservation? reservation)
    {
        reservation = Target.ReadReservation();
        return PrStatus.Success;
    }

    public void Dispose()
    {
        Reservations.Dispose();
        foreach (MpathDevice path in _head.Paths)
        {
            _head.Remove(path);
        }

        _head.Dispose();
    }

    private static int Nexus(MpathDevice path) => (int)path.DriverData!;

    private sealed class NoDisk(string name) : DriverDisk(name, 8)
    {
        protected override void SubmitBio(BioAttempt attempt) => attempt.Complete(BlockStatus.NotSupported);
    }
}
