using BdevDriver;
using LibMultipath.Block;
using LibMultipath.Selection;
using LibMultipath.Ublk.Tests.Scenarios.Kit;
using Mpathd.Control;
using Mpathd.Paths;
using Mpathd.Serving;
using Mpathd.Tests.Kit;
using Mpathd.Tests.Processes;
using Xunit.Abstractions;

namespace Mpathd.Tests.Machine;

/// <summary>A disk over paths to one SCSI unit, whose devices go and come.</summary>
[Collection(ProcessCollection.Name)]
public sealed class BdevTests(ITestOutputHelper output)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    [UblkFact(Seconds = 240)]
    public async Task Paths_whose_devices_go_offline_and_come_back_lose_nothing()
    {
        using ScsiRig rig = ScsiRig.Build();
        await using RunningDaemon daemon = await Serve(rig);
        using var load = new VerifiedLoad(daemon.Host.Disk, Seeds.Next(output));
        PathStatus[] paths = (await daemon.StatusAsync()).Paths;
        Assert.Equal(rig.Paths.Select(path => (path.Device, "running", rig.Wwid, "optimized")), paths.Select(path => (path.Device!, path.DeviceState!, path.Wwid!, path.State)));
        foreach (ScsiRigPath path in rig.Paths)
        {
            load.WaitFor(50);
            path.State = "offline";
            await UntilAsync(daemon, path, ("failed", "offline"));
            load.WaitFor(50);
            path.State = "running";
            await UntilAsync(daemon, path, ("optimized", "running"));
        }

        // All of them at once: I/O waits.
        SetAll("offline");
        await Eventually.TrueAsync(() => daemon.StatusAsync().Result.State == "waiting", "the disk to wait", s_limit);
        SetAll("running");
        load.WaitFor(50);
        load.Finish();
        PathStatus[] after = (await daemon.StatusAsync()).Paths;
        Assert.All(after, path => Assert.True(path.Ios > 0, path.Name));
        Assert.True(after.Sum(path => path.Failovers) > 0);

        void SetAll(string state)
        {
            foreach (ScsiRigPath path in rig.Paths)
            {
                path.State = state;
            }
        }
    }

    [UblkFact(Seconds = 240)]
    public async Task A_path_whose_device_is_deleted_leaves_and_one_to_the_device_that_a_scan_finds_carries_IO()
    {
        using ScsiRig rig = ScsiRig.Build();
        await using RunningDaemon daemon = await Serve(rig);
        using var load = new VerifiedLoad(daemon.Host.Disk, Seeds.Next(output));
        for (int round = 0; round < 2; round++)
        {
            ScsiRigPath path = rig.Paths[round];
            string device = path.Device;
            load.WaitFor(50);
            path.Delete();
            await Eventually.TrueAsync(() => daemon.StatusAsync().Result.Paths.Length == 3, "the path to leave", s_limit);
            load.WaitFor(50);

            // Nobody has it open any more, so the kernel finds it again, under its old name.
            path.Rescan();
            Assert.Equal(device, path.Device);
            Assert.Equal($"path {4 + round} (bdev{4 + round}): added", await daemon.DoAsync(new ControlRequest { Verb = ControlVerbs.PathAdd, Spec = $"bdev:{device}" }));
            load.WaitFor(100);
            PathStatus added = (await daemon.StatusAsync()).Paths[^1];
            Assert.Equal((4 + round, "optimized", rig.Wwid), (added.Number, added.State, added.Wwid));
            Assert.True(added.Ios > 0);
        }

        load.Finish();
    }

    [UblkFact(Seconds = 240)]
    public async Task When_the_last_device_is_deleted_IO_fails_until_there_is_a_path_again()
    {
        using ScsiRig rig = ScsiRig.Build(paths: 1);
        await using RunningDaemon daemon = await Serve(rig);
        rig.Paths[0].Delete();
        await Eventually.TrueAsync(() => daemon.StatusAsync().Result.Paths.Single().State == "gone", "the path to be gone", s_limit);
        using (var read = Bio.Rent(BioOp.Read, 0, new byte[4096]))
        {
            Assert.Equal(BlockStatus.IoError, await daemon.Host.Disk.SubmitAsync(read));
        }

        rig.Paths[0].Rescan();
        await daemon.DoAsync(new ControlRequest { Verb = ControlVerbs.PathAdd, Spec = $"bdev:{rig.Paths[0].Device}" });
        Assert.Equal((1, "optimized"), (await daemon.StatusAsync()).Paths.Select(path => (path.Number, path.State)).Single());
        using var load = new VerifiedLoad(daemon.Host.Disk, Seeds.Next(output));
        load.WaitFor(50);
        load.Finish();
    }

    [UblkFact(Seconds = 240)]
    public async Task The_access_state_of_a_path_follows_the_targets()
    {
        using ScsiRig rig = ScsiRig.Build(paths: 2);
        await using RunningDaemon daemon = await Serve(rig);
        using var load = new VerifiedLoad(daemon.Host.Disk, Seeds.Next(output));
        ScsiRigPath path = rig.Paths[0];
        foreach ((int access, string state) in new[] { (1, "non-optimized"), (2, "inaccessible"), (0, "optimized") })
        {
            path.Access = access;
            await UntilAsync(daemon, path, (state, "running"));
            load.WaitFor(50);
        }

        load.Finish();
    }

    [UblkFact(Seconds = 240)]
    public async Task A_daemon_that_begins_without_a_path_that_works_waits_for_one()
    {
        using ScsiRig rig = ScsiRig.Build(paths: 1);
        ScsiRigPath path = rig.Paths[0];
        path.Access = 2;

        // The kernel hears of it from the answer to a command.
        ScsiRig.Wait(
            () => Shell.Try($"dd if={path.Device} of=/dev/null bs=4k count=1 iflag=direct").Code != 0 && path.KnownAccess == "standby", "the kernel to know");
        MpathdException lacks = await Assert.ThrowsAsync<MpathdException>(() => Serve(rig, new DaemonLimits { Start = TimeSpan.FromMilliseconds(100) }));
        Assert.Equal((ExitCode.SystemLacks, $"no path works: 0 (bdev0) is inaccessible, {path.Device} running"), (lacks.Code, lacks.Message));
        Task<RunningDaemon> served = Serve(rig);
        await Task.Delay(100);
        Assert.False(served.IsCompleted);
        path.Access = 0;
        await using RunningDaemon daemon = await served;
        Assert.Equal("live", (await daemon.StatusAsync()).State);
    }

    [UblkFact(Seconds = 240)]
    public async Task Another_unit_and_a_device_in_use_are_refused()
    {
        using ScsiRig rig = ScsiRig.Build(paths: 2);
        await using RunningDaemon daemon = await Serve(rig);
        using var other = new NullBlk();
        MpathdException refusal = await daemon.RefusedAsync(new ControlRequest { Verb = ControlVerbs.PathAdd, Spec = $"bdev:{other.Device}" });
        Assert.Equal(ExitCode.WrongArguments, refusal.Code);
        Assert.Contains(rig.Wwid, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("has no id", refusal.Message, StringComparison.Ordinal);

        Shell.Run($"mkfs.ext4 -q -F {other.Device} && mkdir -p /run/rig && mount {other.Device} /run/rig");
        try
        {
            var maker = new BdevPathMaker(new BdevPathSpec(other.Device, null, null, -1), new BdevOptions { Device = other.Device });
            using var group = new PathGroup("test", new BdevHeadTemplate(new(IoPolicies.Numa)), delayedRemovalSecs: 0);
            refusal = Assert.Throws<MpathdException>(() => group.Add(maker));
            Assert.Equal(ExitCode.SystemLacks, refusal.Code);
            Assert.Contains("mounted on /run/rig", refusal.Message, StringComparison.Ordinal);
            using var path = BdevPath.Open("path", new BdevOptions { Device = other.Device });
            Assert.True(path.IsClaimed());
            Shell.Run("umount /run/rig");
            Assert.False(path.IsClaimed());
        }
        finally
        {
            Shell.Try("umount /run/rig");
        }
    }

    [UblkFact(Seconds = 240)]
    public async Task A_path_whose_device_is_offline_does_not_keep_the_others_from_being_served()
    {
        using ScsiRig rig = ScsiRig.Build(paths: 2);
        rig.Paths[0].State = "offline";
        await using RunningDaemon daemon = await Serve(rig);
        Assert.Equal(rig.Paths[1].Device, (await daemon.StatusAsync()).Paths.Single().Device);
        using var load = new VerifiedLoad(daemon.Host.Disk, Seeds.Next(output));
        load.WaitFor(50);
        rig.Paths[0].State = "running";
        await daemon.DoAsync(new ControlRequest { Verb = ControlVerbs.PathAdd, Spec = $"bdev:{rig.Paths[0].Device}" });
        await UntilAsync(daemon, rig.Paths[0], ("optimized", "running"));
        load.WaitFor(50);
        load.Finish();
    }

    [UblkFact(Seconds = 240)]
    public async Task A_target_whose_ports_change_places_is_served_without_an_error()
    {
        using ScsiRig rig = ScsiRig.Build(paths: 2);
        rig.Paths[1].Access = 2;
        ScsiRig.Wait(
            () => Shell.Try($"dd if={rig.Paths[1].Device} of=/dev/null bs=4k count=1 iflag=direct").Code != 0 && rig.Paths[1].KnownAccess == "standby", "the kernel to know");
        await using RunningDaemon daemon = await Serve(rig);
        using var load = new VerifiedLoad(daemon.Host.Disk, Seeds.Next(output));
        for (int active = 1; active < 3; active++)
        {
            load.WaitFor(50);
            rig.Paths[active % 2].Access = 0;
            rig.Paths[1 - (active % 2)].Access = 2;
            await UntilAsync(daemon, rig.Paths[active % 2], ("optimized", "running"));
            await UntilAsync(daemon, rig.Paths[1 - (active % 2)], ("inaccessible", "running"));
        }

        load.WaitFor(50);
        load.Finish();
    }

    [UblkTheory(Seconds = 400)]
    [InlineData("--queues=2")]
    [InlineData("--zero-copy")]
    public async Task A_block_device_over_four_paths_holds_what_was_written_while_a_device_goes(string option)
    {
        using var folder = new TemporaryFolder();
        using ScsiRig rig = ScsiRig.Build();
        using ServedDevice device = await ServedDevice.Serve(
            folder, [.. rig.Paths.Select(path => $"--path=bdev:{path.Device}"), "--policy=round-robin", option]);
        Task<string> verify = Task.Run(() => Shell.Verify(device.Path, "12"));
        await Eventually.TrueAsync(() => verify.IsCompleted || device.StatusAsync().Result.Ios > 50, "I/O under way", s_limit);
        rig.Paths[0].State = "offline";
        rig.Paths[1].Delete();
        await Eventually.TrueAsync(() => device.StatusAsync().Result is { Paths: [{ State: "failed" }, _, _] }, "the one to fail and the other to leave", s_limit);
        rig.Paths[0].State = "running";
        rig.Paths[1].Rescan();
        await device.DoAsync(ControlVerbs.PathAdd, spec: $"bdev:{rig.Paths[1].Device}");
        await verify;
        await Eventually.TrueAsync(() => device.StatusAsync().Result.Paths.Count(path => path.Usable) == 4, "all paths to be used", s_limit);
        ServiceStatus status = await device.StatusAsync();
        Assert.Equal((0, "live"), (status.Errors, status.State));
        await device.DoAsync(ControlVerbs.Stop);
        Assert.Equal(0, (await device.EndAsync()).Code);
    }

    private static Task<RunningDaemon> Serve(ScsiRig rig, DaemonLimits? limits = null) => RunningDaemon.Started(
        _ => new ServeOptions { Paths = [.. rig.Paths.Select(path => PathSpecParser.Parse($"bdev:{path.Device}"))], Policy = IoPolicies.RoundRobin },
        limits ?? new DaemonLimits(), null, null);

    private static async Task UntilAsync(RunningDaemon daemon, ScsiRigPath path, (string, string) expected)
    {
        string device = path.Device;
        await Eventually.TrueAsync(
            () => daemon.StatusAsync().Result.Paths.Any(each => each.Device == device && (each.State, each.DeviceState!) == expected),
            $"{device} to be {expected}", s_limit);
    }
}
