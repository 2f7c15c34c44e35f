using LibMultipath.Block;
using LibMultipath.Selection;
using LibMultipath.Tests.Kit;
using Mpathd.Control;
using Mpathd.Paths;
using Mpathd.Serving;
using Mpathd.Tests.Kit;
using Mpathd.Tests.Processes;
using Xunit.Abstractions;

namespace Mpathd.Tests.Machine;

/// <summary>
/// Persistent reservations of a disk over four ways to one SCSI unit, each row of the hazard table. What is registered and
/// reserved in the unit is read by <c>sg_persist</c> through a fifth way. Verified I/O is under way all the time.
/// </summary>
[Collection(ProcessCollection.Name)]
public sealed class ReservationTests(ITestOutputHelper output)
{
    private const ulong Ours = 0x123abc;
    private const ulong Rival = 0x42;
    private const string Shared = "exclusive-access-registrants-only";
    private const string SharedInScsi = "Exclusive Access, registrants only";

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    [UblkFact(Seconds = 240)]
    public async Task A_hundred_reads_through_four_paths_succeed_after_register_and_reserve()
    {
        using ScsiRig rig = ScsiRig.Build(paths: 5);
        await using RunningDaemon daemon = await Serve(rig);
        var unit = new SgPersist(rig.Paths[4]);
        await Register(daemon);
        await Reserve(daemon);
        AssertUnit(unit, 4, SharedInScsi);
        long[] before = [.. (await daemon.StatusAsync()).Paths.Select(path => path.Ios)];
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(BlockStatus.Ok, await Read(daemon, i * 8));
        }

        long[] ios = [.. (await daemon.StatusAsync()).Paths.Zip(before, (path, had) => path.Ios - had)];
        Assert.All(ios, each => Assert.InRange(each, 20, 30));

        // As one device: its key once, and a reservation, however often it is asked for.
        Assert.Equal(["0x123abc"], (await Ask(daemon, ControlVerbs.PrReadKeys)).Keys!);
        await Reserve(daemon);
        Assert.Equal((true, "0x123abc", Shared), Told(await Ask(daemon, ControlVerbs.PrReadReservation)));
        await Do(daemon, ControlVerbs.PrRelease, new() { Key = "0x123abc", Type = Shared });
        AssertUnit(unit, 4, null);
        await Do(daemon, ControlVerbs.PrRegister, new() { Key = "0", OldKey = "0x123abc" });
        AssertUnit(unit, 0, null);
    }

    [UblkTheory(Seconds = 240)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_path_that_was_down_when_the_disk_was_registered_is_registered_before_it_is_used(bool deleted)
    {
        using ScsiRig rig = ScsiRig.Build(paths: 5);
        await using RunningDaemon daemon = await Serve(rig);
        var unit = new SgPersist(rig.Paths[4]);
        using var load = new VerifiedLoad(daemon.Host.Disk, Seeds.Next(output));
        await TakeAway(daemon, rig, 1, deleted);
        await Register(daemon);
        await Reserve(daemon);
        AssertUnit(unit, 3, SharedInScsi);
        load.WaitFor(50);
        await BringBack(daemon, rig, 1, deleted);
        AssertUnit(unit, 4, SharedInScsi);
        load.WaitFor(100);
        load.Finish();
    }

    [UblkTheory(Seconds = 240)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_path_that_was_down_when_the_registration_ended_is_not_registered_when_it_is_back(bool deleted)
    {
        using ScsiRig rig = ScsiRig.Build(paths: 5);
        await using RunningDaemon daemon = await Serve(rig);
        var unit = new SgPersist(rig.Paths[4]);
        using var load = new VerifiedLoad(daemon.Host.Disk, Seeds.Next(output));
        await Register(daemon);

        // It is the path that holds the reservation.
        await Reserve(daemon);
        await TakeAway(daemon, rig, 0, deleted);
        load.WaitFor(50);
        await Do(daemon, ControlVerbs.PrRegister, new() { Key = "0", OldKey = "0x123abc" });
        AssertUnit(unit, 0, null);
        await BringBack(daemon, rig, 0, deleted);
        load.WaitFor(50);
        AssertUnit(unit, 0, null);
        load.Finish();
    }

    [UblkFact(Seconds = 300)]
    public async Task A_path_that_goes_and_comes_while_keys_change_ends_up_in_line()
    {
        using ScsiRig rig = ScsiRig.Build(paths: 5);
        await using RunningDaemon daemon = await Serve(rig);
        var unit = new SgPersist(rig.Paths[4]);
        using var load = new VerifiedLoad(daemon.Host.Disk, Seeds.Next(output));
        var random = new Random(Seeds.Next(output));
        bool over = false;
        var disturber = Task.Run(() =>
        {
            while (!Volatile.Read(ref over))
            {
                // All but the last: a disk with no path at all refuses to change keys.
                ScsiRigPath path = rig.Paths[random.Next(3)];
                path.State = "offline";
                Pause(random.Next(50));
                path.State = "running";
                Pause(random.Next(50));
            }
        });
        for (ulong key = 1; key <= 12; key++)
        {
            await Do(daemon, ControlVerbs.PrRegister, new() { Key = $"{key}", OldKey = $"{key - 1}" });
            if (key == 1)
            {
                await Reserve(daemon, 1);
            }
        }

        Volatile.Write(ref over, true);
        await disturber;
        await Eventually.TrueAsync(() => daemon.StatusAsync().Result.Paths.All(path => path.Usable), "all paths to be used again", s_limit);
        AssertUnit(unit, 4, SharedInScsi, 12);
        load.Finish();

        static void Pause(int milliseconds) => Task.Delay(milliseconds).Wait();
    }

    [UblkTheory(Seconds = 240)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_reservation_is_released_though_the_path_that_holds_it_is_down(bool deleted)
    {
        using ScsiRig rig = ScsiRig.Build(paths: 5);
        await using RunningDaemon daemon = await Serve(rig);
        var unit = new SgPersist(rig.Paths[4]);
        using var load = new VerifiedLoad(daemon.Host.Disk, Seeds.Next(output));
        await Register(daemon);
        await Reserve(daemon);
        await TakeAway(daemon, rig, 0, deleted);
        load.WaitFor(50);
        MpathdException wrong = await daemon.RefusedAsync(Request(ControlVerbs.PrRelease, new() { Key = "0x123abc", Type = "write-exclusive" }));
        Assert.Contains("reservation conflict", wrong.Message, StringComparison.Ordinal);
        await Do(daemon, ControlVerbs.PrRelease, new() { Key = "0x123abc", Type = Shared });
        AssertUnit(unit, 3, null);
        await BringBack(daemon, rig, 0, deleted);
        AssertUnit(unit, 4, null);
        load.WaitFor(100);
        load.Finish();
    }

    [UblkFact(Seconds = 240)]
    public async Task A_new_path_is_registered_first_and_then_used()
    {
        using ScsiRig rig = ScsiRig.Build(paths: 5);
        await using RunningDaemon daemon = await Serve(rig);
        using var load = new VerifiedLoad(daemon.Host.Disk, Seeds.Next(output));
        await Register(daemon);
        await Reserve(daemon);
        load.WaitFor(50);
        ScsiRigPath added = rig.AddPath();
        await daemon.DoAsync(new ControlRequest { Verb = ControlVerbs.PathAdd, Spec = $"bdev:{added.Device}" });
        await Eventually.TrueAsync(() => daemon.StatusAsync().Result.Paths[^1] is { Number: 4, Ios: > 10 }, "the new path to carry I/O", s_limit);
        AssertUnit(new SgPersist(rig.Paths[4]), 5, SharedInScsi);
        load.Finish();
    }

    [UblkFact(Seconds = 240)]
    public async Task The_type_changes_under_IO()
    {
        using ScsiRig rig = ScsiRig.Build(paths: 5);
        await using RunningDaemon daemon = await Serve(rig);
        var unit = new SgPersist(rig.Paths[4]);
        using var load = new VerifiedLoad(daemon.Host.Disk, Seeds.Next(output));
        await Register(daemon);
        await Reserve(daemon);
        foreach ((string type, string inScsi) in new[]
        {
            ("write-exclusive-registrants-only", "Write Exclusive, registrants only"),
            ("exclusive-access", "Exclusive Access"),
            ("write-exclusive-all-registrants", "Write Exclusive, all registrants"),
            ("write-exclusive", "Write Exclusive"),
            (Shared, SharedInScsi),
        })
        {
            load.WaitFor(50);
            await Do(daemon, ControlVerbs.PrPreempt, new() { Key = "0x123abc", OldKey = "0x123abc", Type = type });
            Assert.Equal((true, type), await Ask(daemon, ControlVerbs.PrReadReservation) is { } told ? (told.Reserved, told.Type) : default);

            // All registrants hold such a one, and the target tells no key.
            AssertUnit(unit, 4, inScsi, type.EndsWith("-all-registrants", StringComparison.Ordinal) ? 0 : Ours);
        }

        load.WaitFor(50);
        load.Finish();
    }

    [UblkTheory(Seconds = 240)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_rival_has_preempted_no_path_brings_back(bool whileDown)
    {
        using ScsiRig rig = ScsiRig.Build(paths: 5);
        await using RunningDaemon daemon = await Serve(rig);
        var unit = new SgPersist(rig.Paths[4]);
        await Register(daemon);
        await Reserve(daemon);
        if (whileDown)
        {
            await TakeAway(daemon, rig, 2, deleted: false);
        }

        unit.Register(Rival);
        unit.Preempt(Rival, Ours);
        AssertUnit(unit, 1, SharedInScsi, Rival);
        if (!whileDown)
        {
            await TakeAway(daemon, rig, 2, deleted: false);
        }

        await BringBack(daemon, rig, 2, deleted: false);
        AssertUnit(unit, 1, SharedInScsi, Rival);
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Read(daemon, i * 8))), status => Assert.Equal(BlockStatus.ReservationConflict, status));
        MpathdException refused = await daemon.RefusedAsync(Request(ControlVerbs.PrRelease, new() { Key = "0x123abc", Type = Shared }));
        Assert.Contains("reservation conflict", refused.Message, StringComparison.Ordinal);
        AssertUnit(unit, 1, SharedInScsi, Rival);

        // What its users do about it is register anew, and take it back.
        await Register(daemon);
        await Do(daemon, ControlVerbs.PrPreempt, new() { Key = "0x42", OldKey = "0x123abc", Type = Shared });
        AssertUnit(unit, 4, SharedInScsi);
        Assert.Equal(BlockStatus.Ok, await Read(daemon, 0));
    }

    [UblkFact(Seconds = 300)]
    public async Task A_rivals_preempt_at_any_moment_leaves_all_of_our_keys_or_none()
    {
        using ScsiRig rig = ScsiRig.Build(paths: 5);
        await using RunningDaemon daemon = await Serve(rig);
        var unit = new SgPersist(rig.Paths[4]);
        var random = new Random(Seeds.Next(output));
        for (int round = 0; round < 5; round++)
        {
            await Register(daemon);
            await Do(daemon, ControlVerbs.PrReserve, new() { Key = "0x123abc", Type = Shared });
            unit.Register(Rival);
            Task<string[]> changes = Task.Run(async () =>
            {
                var answers = new List<string>();
                foreach (string type in new[] { "write-exclusive-registrants-only", Shared, "exclusive-access" })
                {
                    answers.Add(await Try(daemon, ControlVerbs.PrPreempt, new() { Key = "0x123abc", OldKey = "0x123abc", Type = type }));
                }

                return answers.ToArray();
            });
            await Task.Delay(random.Next(60));
            unit.Preempt(Rival, Ours);
            string[] answers = await changes;
            output.WriteLine($"round {round}: {string.Join(", ", answers)}");
            Assert.Equal([Rival], unit.Keys);
            Assert.Equal(BlockStatus.ReservationConflict, await Read(daemon, 0));
            unit.Clear(Rival);
            AssertUnit(unit, 0, null);
        }
    }

    [UblkFact(Seconds = 300)]
    public async Task A_daemon_that_begins_anew_finds_its_key_and_brings_all_paths_into_line()
    {
        using ScsiRig rig = ScsiRig.Build(paths: 5);
        var unit = new SgPersist(rig.Paths[4]);
        await using (RunningDaemon first = await Serve(rig))
        {
            await Register(first);
            await Reserve(first);
        }

        AssertUnit(unit, 4, SharedInScsi);

        // One path has lost its registration meanwhile.
        new SgPersist(rig.Paths[2]).Register(0);
        AssertUnit(unit, 3, SharedInScsi);
        await using RunningDaemon daemon = await Serve(rig);
        await Eventually.TrueAsync(() => daemon.StatusAsync().Result.Paths.All(path => path.Usable), "all paths to be used", s_limit);
        AssertUnit(unit, 4, SharedInScsi);
        for (int i = 0; i < 40; i++)
        {
            Assert.Equal(BlockStatus.Ok, await Read(daemon, i * 8));
        }

        Assert.Equal(["0x123abc"], (await Ask(daemon, ControlVerbs.PrReadKeys)).Keys!);
        await Do(daemon, ControlVerbs.PrClear, new() { Key = "0x123abc" });
        AssertUnit(unit, 0, null);
    }

    private static Task<RunningDaemon> Serve(ScsiRig rig) => RunningDaemon.Started(
        _ => new ServeOptions { Paths = [.. rig.Paths.Take(4).Select(path => PathSpecParser.Parse($"bdev:{path.Device}"))], Policy = IoPolicies.RoundRobin },
        new DaemonLimits(), null, null);

    private static ControlRequest Request(string verb, ReservationRequest reservation) => new() { Verb = verb, Reservation = reservation };

    private static Task<string> Do(RunningDaemon daemon, string verb, ReservationRequest reservation) => daemon.DoAsync(Request(verb, reservation));

    private static async Task<string> Try(RunningDaemon daemon, string verb, ReservationRequest reservation)
    {
        try
        {
            return await Do(daemon, verb, reservation);
        }
        catch (MpathdException refused)
        {
            return refused.Message;
        }
    }

    private static Task<string> Register(RunningDaemon daemon) => Do(daemon, ControlVerbs.PrRegister, new() { Key = "0x123abc" });

    private static Task<string> Reserve(RunningDaemon daemon, ulong key = Ours) => Do(daemon, ControlVerbs.PrReserve, new() { Key = $"{key}", Type = Shared });

    private static async Task<ReservationStatus> Ask(RunningDaemon daemon, string verb) =>
        (await daemon.Client.AskAsync(new ControlRequest { Verb = verb })).Reservation!;

    private static (bool?, string?, string?) Told(ReservationStatus status) => (status.Reserved, status.Key, status.Type);

    private static async Task<BlockStatus> Read(RunningDaemon daemon, long sector)
    {
        using var read = Bio.Rent(BioOp.Read, sector, new byte[4096]);
        return await daemon.Host.Disk.SubmitAsync(read);
    }

    private static void AssertUnit(SgPersist unit, int keys, string? type, ulong key = Ours)
    {
        Assert.Equal(Enumerable.Repeat(key == 0 ? Ours : key, keys), unit.Keys);
        Assert.Equal(type is null ? null : (key, type), unit.Reservation);
    }

    private static async Task TakeAway(RunningDaemon daemon, ScsiRig rig, int path, bool deleted)
    {
        if (deleted)
        {
            rig.Paths[path].Delete();
            await Eventually.TrueAsync(() => daemon.StatusAsync().Result.Paths.Length == 3, "the path to leave", s_limit);
        }
        else
        {
            rig.Paths[path].State = "offline";
            await Eventually.TrueAsync(() => daemon.StatusAsync().Result.Paths[path].State == "failed", "the path to fail", s_limit);
        }
    }

    private static async Task BringBack(RunningDaemon daemon, ScsiRig rig, int path, bool deleted)
    {
        if (deleted)
        {
            rig.Paths[path].Rescan();
            await daemon.DoAsync(new ControlRequest { Verb = ControlVerbs.PathAdd, Spec = $"bdev:{rig.Paths[path].Device}" });
        }
        else
        {
            rig.Paths[path].State = "running";
        }

        await Eventually.TrueAsync(
            () => daemon.StatusAsync().Result.Paths is { Length: 4 } paths && paths.All(each => each.Usable), "all paths to be used", s_limit);
    }
}
