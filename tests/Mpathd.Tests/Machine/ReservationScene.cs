using LibMultipath.Block;
using LibMultipath.Selection;
using Mpathd.Control;
using Mpathd.Paths;
using Mpathd.Serving;
using Mpathd.Tests.Kit;

namespace Mpathd.Tests.Machine;

/// <summary>A daemon with a disk over the first four ways to a SCSI unit, and the fifth one, through which the unit is looked at.</summary>
internal sealed class ReservationScene : IAsyncDisposable
{
    /// <summary>The key of the disk.</summary>
    public const ulong Ours = 0x123abc;

    /// <summary>What the disk reserves.</summary>
    public const string Shared = "exclusive-access-registrants-only";

    private const int Ways = 4;

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    private readonly ScsiRig _rig;
    private readonly VerifiedLoad? _load;

    private ReservationScene(ScsiRig rig, RunningDaemon daemon, int? load)
    {
        _rig = rig;
        Daemon = daemon;
        Unit = new SgPersist(rig.Paths[Ways]);
        _load = load is { } seed ? new VerifiedLoad(daemon.Host.Disk, seed) : null;
    }

    public RunningDaemon Daemon { get; }

    /// <summary>The unit, through the fifth way.</summary>
    public SgPersist Unit { get; }

    /// <summary>What is under way all the time.</summary>
    public VerifiedLoad Load => _load ?? throw new InvalidOperationException("There is no load in this scene.");

    /// <summary>Serves the disk.</summary>
    /// <param name="rig">Five ways or more.</param>
    /// <param name="load">The seed of I/O that is to be under way; null for none.</param>
    public static async Task<ReservationScene> Begin(ScsiRig rig, int? load = null) => new(
        rig,
        await RunningDaemon.Started(
            _ => new ServeOptions { Paths = [.. rig.Paths.Take(Ways).Select(path => PathSpecParser.Parse($"bdev:{path.Device}"))], Policy = IoPolicies.RoundRobin },
            new DaemonLimits(), null, null),
        load);

    public static ControlRequest Request(string verb, ReservationRequest reservation) => new() { Verb = verb, Reservation = reservation };

    public Task<string> Do(string verb, ReservationRequest reservation) => Daemon.DoAsync(Request(verb, reservation));

    /// <summary>What it answers, or why it refuses.</summary>
    public async Task<string> Try(string verb, ReservationRequest reservation)
    {
        try
        {
            return await Do(verb, reservation);
        }
        catch (MpathdException refused)
        {
            return refused.Message;
        }
    }

    public Task<string> Register() => Do(ControlVerbs.PrRegister, new() { Key = $"{Ours}" });

    public Task<string> Reserve(ulong key = Ours) => Do(ControlVerbs.PrReserve, new() { Key = $"{key}", Type = Shared });

    public async Task<ReservationStatus> Ask(string verb) => (await Daemon.Client.AskAsync(new ControlRequest { Verb = verb })).Reservation!;

    public async Task<BlockStatus> Read(long sector)
    {
        using var read = Bio.Rent(BioOp.Read, sector, new byte[4096]);
        return await Daemon.Host.Disk.SubmitAsync(read);
    }

    /// <summary>That a key is registered so often and no other, and what is reserved; a key of 0 holds a reservation of all registrants.</summary>
    public void AssertUnit(int keys, string? type, ulong key = Ours)
    {
        Assert.Equal(Enumerable.Repeat(key == 0 ? Ours : key, keys), Unit.Keys);
        Assert.Equal(type is null ? null : (key, type), Unit.Reservation);
    }

    public async Task TakeAway(int path, bool deleted)
    {
        if (deleted)
        {
            _rig.Paths[path].Delete();
            await Eventually.TrueAsync(() => Daemon.StatusAsync().Result.Paths.Length == Ways - 1, "the path to leave", s_limit);
        }
        else
        {
            _rig.Paths[path].State = "offline";
            await Eventually.TrueAsync(() => Daemon.StatusAsync().Result.Paths[path].State == "failed", "the path to fail", s_limit);
        }
    }

    public async Task BringBack(int path, bool deleted)
    {
        if (deleted)
        {
            _rig.Paths[path].Rescan();
            await Daemon.DoAsync(new ControlRequest { Verb = ControlVerbs.PathAdd, Spec = $"bdev:{_rig.Paths[path].Device}" });
        }
        else
        {
            _rig.Paths[path].State = "running";
        }

        await AllAreUsed();
    }

    public Task AllAreUsed() => Eventually.TrueAsync(
        () => Daemon.StatusAsync().Result.Paths is { Length: Ways } paths && paths.All(each => each.Usable), "all paths to be used", s_limit);

    public async ValueTask DisposeAsync()
    {
        _load?.Dispose();
        await Daemon.DisposeAsync();
    }
}
