using System.Diagnostics;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Tests.Scenarios.Kit;
using Mpathd.Control;
using Mpathd.Tests.Processes;
using Xunit.Abstractions;

namespace Mpathd.Tests.Machine;

/// <summary>
/// The daemon is killed in the middle of I/O, and what its users were told is true afterwards.
/// LIBMULTIPATH_CRASH_ROUNDS says how often; eng/crash-rounds repeats it for long.
/// </summary>
[Collection(ProcessCollection.Name)]
public sealed class CrashTests(ITestOutputHelper output) : IDisposable
{
    private const int Mega = 1 << 20;
    private const int Number = 42;

    private readonly TemporaryFolder _folder = new();

    private static int Rounds => int.TryParse(Environment.GetEnvironmentVariable("LIBMULTIPATH_CRASH_ROUNDS"), out int rounds) ? rounds : 2;

    public void Dispose() => _folder.Dispose();

    [UblkFact(Seconds = 300)]
    public async Task U01_Without_recovery_clients_get_errors_within_5_seconds_and_the_device_can_be_deleted()
    {
        using ServedDevice device = await ServedDevice.Serve(_folder, Loop(), $"--ublk={Number}");
        using Process fio = Fio(device.Path, "randwrite", "--time_based --runtime=120");
        var writes = new AcknowledgedWrites(device.Path, 2048, Seeds.Next(output));
        Task writer = Task.Factory.StartNew(writes.Run, TaskCreationOptions.LongRunning);
        await UnderWayAsync(device);
        await Eventually.TrueAsync(() => writes.Acknowledged > 20, "writes");

        // The time is that of a client that is in the middle of its I/O; how long programs take to start and to say
        // what they saw is nobody's promise.
        long killed = Stopwatch.GetTimestamp();
        Task<MpathdProcess.Ended> ended = device.SignalAsync(MpathdProcess.KillNow);
        await Eventually.TrueAsync(() => writes.FirstFailure != 0, "an error");
        TimeSpan error = Stopwatch.GetElapsedTime(killed, writes.FirstFailure);
        output.WriteLine($"the client had its error after {error.TotalMilliseconds:F0} ms");

        // Five seconds, and as much longer where the machine is emulated as everything is there.
        Assert.InRange(error, TimeSpan.Zero, Eventually.Limit / 6);
        writes.Stop();
        await writer;
        await ended;
        output.WriteLine($"the daemon's end was seen after {Stopwatch.GetElapsedTime(killed).TotalMilliseconds:F0} ms");

        string said = await fio.StandardOutput.ReadToEndAsync();
        await fio.WaitForExitAsync();
        output.WriteLine($"fio had ended after {Stopwatch.GetElapsedTime(killed).TotalMilliseconds:F0} ms");
        Assert.True(fio.ExitCode != 0, said);
        MpathdProcess.Ended deleted = await MpathdProcess.Run("ublk", "delete", $"{Number}");
        Assert.Equal((0, ""), (deleted.Code, deleted.Error));
        Assert.False(File.Exists(device.Path));
    }

    [UblkFact(Seconds = 900)]
    public Task U02_With_recovery_nothing_that_was_acknowledged_is_lost() => KilledUnderWrites("queue");

    [UblkFact(Seconds = 900)]
    public Task U04_With_recovery_that_fails_io_nothing_that_was_acknowledged_is_lost() => KilledUnderWrites("fail-io");

    [UblkFact(Seconds = 900)]
    public async Task U03_With_reissue_no_client_sees_an_error()
    {
        ServedDevice device = await Serve("reissue");
        try
        {
            Process fio = VerifyingFio(device.Path);
            for (int round = 0; round < Rounds; round++)
            {
                if (fio.HasExited)
                {
                    await EnsureRightAsync(fio);
                    fio = VerifyingFio(device.Path);
                }

                device = await KillAndServeAgain(device, "reissue", new Random(round).Next(50, 800));
            }

            await EnsureRightAsync(fio);
            await EndAsync(device);
        }
        catch
        {
            // What is left would keep others from their tests; why it failed is what is to be told.
            device.Dispose();
            await MpathdProcess.Run("ublk", "delete", $"{Number}");
            throw;
        }
    }

    [UblkFact(Seconds = 900)]
    public async Task U31_Devices_are_added_killed_and_removed_under_load_in_every_mode()
    {
        string[][] modes = [[], ["--user-copy"], ["--zero-copy"], ["--batch"], ["--recoverable"], ["--recoverable=queue", "--batch"], ["--recoverable=fail-io", "--user-copy"]];
        var time = Stopwatch.StartNew();

        // As mpathd ublk delete does, without a process for each.
        using var control = UblkControl.Open();
        for (int round = 0; round < Math.Max(Rounds, modes.Length); round++)
        {
            string[] mode = modes[round % modes.Length];
            using ServedDevice device = await ServedDevice.Serve(_folder, ["--path=null:size=64M", "--path=null:size=64M", $"--ublk={Number}", .. mode]);
            using Process fio = Fio(device.Path, "randrw", "--time_based --runtime=60");
            await UnderWayAsync(device);
            output.WriteLine($"{time.Elapsed.TotalSeconds:F1} s: round {round}, {string.Join(' ', mode)}");
            if (round % 2 == 0)
            {
                await device.SignalAsync(MpathdProcess.KillNow);
                control.DeleteDevice(Number);
            }
            else
            {
                control.DeleteDevice(Number);
                await device.EndAsync();
            }

            await fio.StandardOutput.ReadToEndAsync();
            await fio.WaitForExitAsync();
            Assert.False(File.Exists(device.Path), $"{device.Path} is left, mode {string.Join(' ', mode)}");
        }

        Assert.Equal("no ublk devices\n", (await MpathdProcess.Run("ublk", "list")).Output);
    }

    [UblkFact(Seconds = 600)]
    public async Task U06_A_device_that_is_deleted_under_io_gives_errors_and_no_hang()
    {
        using ServedDevice device = await ServedDevice.Serve(_folder, Loop(), $"--ublk={Number}");
        using Process fio = Fio(device.Path, "randrw", "--time_based --runtime=120");
        await UnderWayAsync(device);
        Assert.Equal(0, (await MpathdProcess.Run("ublk", "delete", $"{Number}")).Code);
        await fio.StandardOutput.ReadToEndAsync();
        await fio.WaitForExitAsync();
        Assert.NotEqual(0, fio.ExitCode);
        Assert.Contains("taken away by somebody else", (await device.EndAsync()).Output);
    }

    [UblkTheory(Seconds = 900)]
    [InlineData("mkfs.ext4 -q -F", "e2fsck -fn", 96, 30)]
    [InlineData("mkfs.xfs -q -f", "xfs_repair -n", 320, 15)]
    public async Task A_file_system_lives_through_paths_that_fail_and_return_and_all_go(string make, string check, int megabytes, int seconds)
    {
        // A removal delay keeps the disk, and its I/O, while there is no path at all.
        using ServedDevice device = await ServedDevice.Serve(_folder, Loop(megabytes), Loop(megabytes), "--policy=round-robin", "--delayed-removal=600");
        string place = Directory.CreateTempSubdirectory("served-").FullName;
        Shell.Run($"{make} {device.Path} && mount {device.Path} {place}", seconds: 300);
        Task work = Task.Run(() => Shell.Run(
            $"cp -r /usr/share/perl5 {place}/ && sync && SECONDS=0 && while [ $SECONDS -lt {seconds} ]; do fio --name=verify --directory={place} --rw=randwrite --bs=8k --size=12m --ioengine=io_uring --iodepth=8 --direct=1 --verify=crc32c --do_verify=1 --verify_fatal=1 || exit 1; done && diff -r /usr/share/perl5 {place}/perl5",
            seconds: 800));
        int totalLosses = 0;
        for (int round = 0; !work.IsCompleted; round++)
        {
            string path = $"{round % 2}";
            await device.DoAsync(ControlVerbs.PathFail, path);
            if (round % 3 == 2)
            {
                await device.DoAsync(ControlVerbs.PathFail, $"{1 - (round % 2)}");
                totalLosses++;
                await device.DoAsync(ControlVerbs.PathRestore, $"{1 - (round % 2)}");
            }

            await device.DoAsync(ControlVerbs.PathRestore, path);
        }

        await work;
        Assert.NotEqual(0, totalLosses);
        Shell.Run($"umount {place} && {check} {device.Path}", seconds: 300);
        Directory.Delete(place);
        await device.DoAsync(ControlVerbs.Stop);
        Assert.Equal(0, (await device.EndAsync()).Code);
    }

    private async Task KilledUnderWrites(string mode)
    {
        int seed = Seeds.Next(output);
        var random = new Random(seed);
        ServedDevice device = await Serve(mode);
        try
        {
            var writes = new AcknowledgedWrites(device.Path, 2048, seed);
            Task writer = Task.Factory.StartNew(writes.Run, TaskCreationOptions.LongRunning);
            for (int round = 0; round < Rounds; round++)
            {
                long before = writes.Acknowledged;
                await Eventually.TrueAsync(() => writes.Acknowledged > before + 20 || writer.IsCompleted, "writes");
                device = await KillAndServeAgain(device, mode, random.Next(0, 300));
            }

            writes.Stop();
            await writer;
            writes.Verify();
            output.WriteLine($"{Rounds} rounds: {writes.Acknowledged} writes acknowledged, {writes.Failed} failed");
            await EndAsync(device);
        }
        catch
        {
            // What is left would keep others from their tests; why it failed is what is to be told.
            device.Dispose();
            await MpathdProcess.Run("ublk", "delete", $"{Number}");
            throw;
        }
    }

    private async Task<ServedDevice> KillAndServeAgain(ServedDevice device, string mode, int afterMilliseconds)
    {
        await Task.Delay(afterMilliseconds);
        Assert.Equal(137, (await device.SignalAsync(MpathdProcess.KillNow)).Code);
        device.Dispose();
        return await Serve(mode);
    }

    private async Task<ServedDevice> Serve(string mode) =>
        await ServedDevice.Serve(_folder, Loop(), Loop(), $"--ublk={Number}", $"--recoverable={mode}");

    private static async Task EndAsync(ServedDevice device)
    {
        await device.SignalAsync(MpathdProcess.Terminate);
        device.Dispose();
        Assert.Equal("no ublk devices\n", (await MpathdProcess.Run("ublk", "list")).Output);
    }

    private static Task UnderWayAsync(ServedDevice device) =>
        Eventually.TrueAsync(() => device.StatusAsync().Result.Ios > 20, "I/O under way");

    private static Process Fio(string device, string pattern, string more) => Shell.Start(
        $"fio --name=load --filename={device} --rw={pattern} --bs=4k --size=16m --ioengine=io_uring --iodepth=16 --direct=1 {more}");

    private static Process VerifyingFio(string device) => Fio(device, "randwrite", "--verify=crc32c --do_verify=1 --verify_fatal=1 --rate_iops=400");

    private static async Task EnsureRightAsync(Process fio)
    {
        using (fio)
        {
            string said = await fio.StandardOutput.ReadToEndAsync();
            await fio.WaitForExitAsync();
            Assert.True(fio.ExitCode == 0, said);
        }
    }

    private string Loop(int megabytes = 64)
    {
        string file = _folder.File("disk.img");
        if (!File.Exists(file))
        {
            using var made = new FileStream(file, FileMode.CreateNew);
            made.SetLength((long)megabytes * Mega);
        }

        return $"--path=loop:{file}";
    }
}
