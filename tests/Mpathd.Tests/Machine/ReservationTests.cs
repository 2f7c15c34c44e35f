using LibMultipath.Block;
using Mpathd.Control;
using Mpathd.Serving;
using Mpathd.Tests.Processes;
using Xunit.Abstractions;
using static Mpathd.Tests.Machine.ReservationScene;

namespace Mpathd.Tests.Machine;

/// <summary>
/// Persistent reservations of a disk over four ways to one SCSI unit, each row of the hazard table. What is registered and
/// reserved in the unit is read by <c>sg_persist</c> through a fifth way. Verified I/O is under way all the time.
/// </summary>
[Collection(ProcessCollection.Name)]
public sealed class ReservationTests(ITestOutputHelper output)
{
    private const ulong Rival = 0x42;
    private const string SharedInScsi = "Exclusive Access, registrants only";

    [UblkFact(Seconds = 240)]
    public async Task A_hundred_reads_through_four_paths_succeed_after_register_and_reserve()
    {
        using ScsiRig rig = ScsiRig.Build(paths: 5);
        await using ReservationScene scene = await Begin(rig);
        await scene.Register();
        await scene.Reserve();
        scene.AssertUnit(4, SharedInScsi);
        long[] before = [.. (await scene.Daemon.StatusAsync()).Paths.Select(path => path.Ios)];
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(BlockStatus.Ok, await scene.Read(i * 8));
        }

        long[] ios = [.. (await scene.Daemon.StatusAsync()).Paths.Zip(before, (path, had) => path.Ios - had)];
        Assert.All(ios, each => Assert.InRange(each, 20, 30));

        // As one device: its key once, and a reservation, however often it is asked for.
        Assert.Equal(["0x123abc"], (await scene.Ask(ControlVerbs.PrReadKeys)).Keys!);
        await scene.Reserve();
        Assert.Equal((true, "0x123abc", Shared), Told(await scene.Ask(ControlVerbs.PrReadReservation)));
        await scene.Do(ControlVerbs.PrRelease, new() { Key = "0x123abc", Type = Shared });
        scene.AssertUnit(4, null);
        await scene.Do(ControlVerbs.PrRegister, new() { Key = "0", OldKey = "0x123abc" });
        scene.AssertUnit(0, null);
    }

    [UblkTheory(Seconds = 240)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_path_that_was_down_when_the_disk_was_registered_is_registered_before_it_is_used(bool deleted)
    {
        using ScsiRig rig = ScsiRig.Build(paths: 5);
        await using ReservationScene scene = await Begin(rig, load: Seeds.Next(output));
        await scene.TakeAway(1, deleted);
        await scene.Register();
        await scene.Reserve();
        scene.AssertUnit(3, SharedInScsi);
        scene.Load.WaitFor(50);
        await scene.BringBack(1, deleted);
        scene.AssertUnit(4, SharedInScsi);
        scene.Load.WaitFor(100);
        scene.Load.Finish();
    }

    [UblkTheory(Seconds = 240)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_path_that_was_down_when_the_registration_ended_is_not_registered_when_it_is_back(bool deleted)
    {
        using ScsiRig rig = ScsiRig.Build(paths: 5);
        await using ReservationScene scene = await Begin(rig, load: Seeds.Next(output));
        await scene.Register();

        // It is the path that holds the reservation.
        await scene.Reserve();
        await scene.TakeAway(0, deleted);
        scene.Load.WaitFor(50);
        await scene.Do(ControlVerbs.PrRegister, new() { Key = "0", OldKey = "0x123abc" });
        scene.AssertUnit(0, null);
        await scene.BringBack(0, deleted);
        scene.Load.WaitFor(50);
        scene.AssertUnit(0, null);
        scene.Load.Finish();
    }

    [UblkFact(Seconds = 300)]
    public async Task A_path_that_goes_and_comes_while_keys_change_ends_up_in_line()
    {
        using ScsiRig rig = ScsiRig.Build(paths: 5);
        await using ReservationScene scene = await Begin(rig, load: Seeds.Next(output));
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
            await scene.Do(ControlVerbs.PrRegister, new() { Key = $"{key}", OldKey = $"{key - 1}" });
            if (key == 1)
            {
                await scene.Reserve(1);
            }
        }

        Volatile.Write(ref over, true);
        await disturber;
        await scene.AllAreUsed();
        scene.AssertUnit(4, SharedInScsi, 12);
        scene.Load.Finish();

        static void Pause(int milliseconds) => Task.Delay(milliseconds).Wait();
    }

    [UblkTheory(Seconds = 240)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_reservation_is_released_though_the_path_that_holds_it_is_down(bool deleted)
    {
        using ScsiRig rig = ScsiRig.Build(paths: 5);
        await using ReservationScene scene = await Begin(rig, load: Seeds.Next(output));
        await scene.Register();
        await scene.Reserve();
        await scene.TakeAway(0, deleted);
        scene.Load.WaitFor(50);
        MpathdException wrong = await scene.Daemon.RefusedAsync(Request(ControlVerbs.PrRelease, new() { Key = "0x123abc", Type = "write-exclusive" }));
        Assert.Contains("reservation conflict", wrong.Message, StringComparison.Ordinal);
        await scene.Do(ControlVerbs.PrRelease, new() { Key = "0x123abc", Type = Shared });
        scene.AssertUnit(3, null);
        await scene.BringBack(0, deleted);
        scene.AssertUnit(4, null);
        scene.Load.WaitFor(100);
        scene.Load.Finish();
    }

    [UblkFact(Seconds = 240)]
    public async Task A_new_path_is_registered_first_and_then_used()
    {
        using ScsiRig rig = ScsiRig.Build(paths: 5);
        await using ReservationScene scene = await Begin(rig, load: Seeds.Next(output));
        await scene.Register();
        await scene.Reserve();
        scene.Load.WaitFor(50);
        ScsiRigPath added = rig.AddPath();
        await scene.Daemon.DoAsync(new ControlRequest { Verb = ControlVerbs.PathAdd, Spec = $"bdev:{added.Device}" });
        await Eventually.TrueAsync(
            () => scene.Daemon.StatusAsync().Result.Paths[^1] is { Number: 4, Ios: > 10 }, "the new path to carry I/O", TimeSpan.FromMinutes(1));
        scene.AssertUnit(5, SharedInScsi);
        scene.Load.Finish();
    }

    [UblkFact(Seconds = 240)]
    public async Task The_type_changes_under_IO()
    {
        using ScsiRig rig = ScsiRig.Build(paths: 5);
        await using ReservationScene scene = await Begin(rig, load: Seeds.Next(output));
        await scene.Register();
        await scene.Reserve();
        foreach ((string type, string inScsi) in new[]
        {
            ("write-exclusive-registrants-only", "Write Exclusive, registrants only"),
            ("exclusive-access", "Exclusive Access"),
            ("write-exclusive-all-registrants", "Write Exclusive, all registrants"),
            ("write-exclusive", "Write Exclusive"),
            (Shared, SharedInScsi),
        })
        {
            scene.Load.WaitFor(50);
            await scene.Do(ControlVerbs.PrPreempt, new() { Key = "0x123abc", OldKey = "0x123abc", Type = type });
            Assert.Equal((true, type), await scene.Ask(ControlVerbs.PrReadReservation) is { } told ? (told.Reserved, told.Type) : default);

            // All registrants hold such a one, and the target tells no key.
            scene.AssertUnit(4, inScsi, type.EndsWith("-all-registrants", StringComparison.Ordinal) ? 0 : Ours);
        }

        scene.Load.WaitFor(50);
        scene.Load.Finish();
    }

    [UblkTheory(Seconds = 240)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_rival_has_preempted_no_path_brings_back(bool whileDown)
    {
        using ScsiRig rig = ScsiRig.Build(paths: 5);
        await using ReservationScene scene = await Begin(rig);
        await scene.Register();
        await scene.Reserve();
        if (whileDown)
        {
            await scene.TakeAway(2, deleted: false);
        }

        scene.Unit.Register(Rival);
        scene.Unit.Preempt(Rival, Ours);
        scene.AssertUnit(1, SharedInScsi, Rival);
        if (!whileDown)
        {
            await scene.TakeAway(2, deleted: false);
        }

        await scene.BringBack(2, deleted: false);
        scene.AssertUnit(1, SharedInScsi, Rival);
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 8).Select(i => scene.Read(i * 8))), status => Assert.Equal(BlockStatus.ReservationConflict, status));
        MpathdException refused = await scene.Daemon.RefusedAsync(Request(ControlVerbs.PrRelease, new() { Key = "0x123abc", Type = Shared }));
        Assert.Contains("reservation conflict", refused.Message, StringComparison.Ordinal);
        scene.AssertUnit(1, SharedInScsi, Rival);

        // What its users do about it is register anew, and take it back.
        await scene.Register();
        await scene.Do(ControlVerbs.PrPreempt, new() { Key = "0x42", OldKey = "0x123abc", Type = Shared });
        scene.AssertUnit(4, SharedInScsi);
        Assert.Equal(BlockStatus.Ok, await scene.Read(0));
    }

    [UblkFact(Seconds = 300)]
    public async Task A_rivals_preempt_at_any_moment_leaves_all_of_our_keys_or_none()
    {
        using ScsiRig rig = ScsiRig.Build(paths: 5);
        await using ReservationScene scene = await Begin(rig);
        var random = new Random(Seeds.Next(output));
        for (int round = 0; round < 5; round++)
        {
            await scene.Register();
            await scene.Do(ControlVerbs.PrReserve, new() { Key = "0x123abc", Type = Shared });
            scene.Unit.Register(Rival);
            Task<string[]> changes = Task.Run(async () =>
            {
                var answers = new List<string>();
                foreach (string type in new[] { "write-exclusive-registrants-only", Shared, "exclusive-access" })
                {
                    answers.Add(await scene.Try(ControlVerbs.PrPreempt, new() { Key = "0x123abc", OldKey = "0x123abc", Type = type }));
                }

                return answers.ToArray();
            });
            await Task.Delay(random.Next(60));
            scene.Unit.Preempt(Rival, Ours);
            string[] answers = await changes;
            output.WriteLine($"round {round}: {string.Join(", ", answers)}");
            Assert.Equal([Rival], scene.Unit.Keys);
            Assert.Equal(BlockStatus.ReservationConflict, await scene.Read(0));
            scene.Unit.Clear(Rival);
            scene.AssertUnit(0, null);
        }
    }

    [UblkFact(Seconds = 300)]
    public async Task A_daemon_that_begins_anew_finds_its_key_and_brings_all_paths_into_line()
    {
        using ScsiRig rig = ScsiRig.Build(paths: 5);
        await using (ReservationScene first = await Begin(rig))
        {
            await first.Register();
            await first.Reserve();
        }

        var unit = new SgPersist(rig.Paths[4]);
        Assert.Equal(4, unit.Keys.Length);

        // One path has lost its registration meanwhile.
        new SgPersist(rig.Paths[2]).Register(0);
        Assert.Equal(3, unit.Keys.Length);
        await using ReservationScene scene = await Begin(rig);
        await scene.AllAreUsed();
        scene.AssertUnit(4, SharedInScsi);
        for (int i = 0; i < 40; i++)
        {
            Assert.Equal(BlockStatus.Ok, await scene.Read(i * 8));
        }

        Assert.Equal(["0x123abc"], (await scene.Ask(ControlVerbs.PrReadKeys)).Keys!);
        await scene.Do(ControlVerbs.PrClear, new() { Key = "0x123abc" });
        scene.AssertUnit(0, null);
    }

    private static (bool?, string?, string?) Told(ReservationStatus status) => (status.Reserved, status.Key, status.Type);
}
