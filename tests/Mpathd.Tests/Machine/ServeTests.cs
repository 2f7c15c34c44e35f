using System.Diagnostics;
using LibMultipath.Ublk.Tests.Scenarios.Kit;
using Mpathd.Control;
using Mpathd.Serving;
using Mpathd.Tests.Processes;

namespace Mpathd.Tests.Machine;

/// <summary>What a user of the block device sees.</summary>
[Collection(ProcessCollection.Name)]
public sealed class ServeTests : IDisposable
{
    private const int Mega = 1 << 20;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [UblkFact(Seconds = 400)]
    public async Task Data_comes_back_while_paths_go_and_sizes_change()
    {
        using ServedDevice device = await ServedDevice.Serve(_folder, Loop(64), Loop(64), "--policy=round-robin");
        Task<string> verify = Task.Run(() => Shell.Verify(device.Path, "24"));
        for (int round = 0; !verify.IsCompleted; round++)
        {
            await device.DoAsync(ControlVerbs.PathFail, $"{round}");
            await device.DoAsync(ControlVerbs.PathFail, $"{round + 1}");
            Assert.Equal("waiting", (await device.StatusAsync()).State);
            await device.DoAsync(ControlVerbs.PathAdd, spec: $"loop:{_folder.File("disk.img")}");
            await device.DoAsync(ControlVerbs.PathRestore, $"{round + 1}");
            await device.DoAsync(ControlVerbs.PathRemove, $"{round}");
        }

        await verify;
        await device.DoAsync(ControlVerbs.Resize, size: 128 * Mega);
        Assert.Equal($"{128 * Mega}", Shell.Run($"blockdev --getsize64 {device.Path}").Trim());
        await device.DoAsync(ControlVerbs.Resize, size: 32 * Mega);
        Assert.Equal($"{32 * Mega}", Shell.Run($"blockdev --getsize64 {device.Path}").Trim());
        ServiceStatus status = await device.StatusAsync();
        Assert.Equal((0, "live"), (status.Errors, status.State));
        await device.DoAsync(ControlVerbs.Stop);
        Assert.Equal(0, (await device.EndAsync()).Code);
        Assert.False(File.Exists(device.Path));
        Assert.Equal(32 * Mega, new FileInfo(_folder.File("disk.img")).Length);
    }

    [UblkFact(Seconds = 500)]
    public async Task A_daemon_that_is_killed_is_followed_by_the_next_and_no_user_notices()
    {
        const string Number = "--ublk=41";
        ServedDevice device = await ServedDevice.Serve(_folder, Loop(64), Number, "--recoverable");
        try
        {
            Task<string> verify = Task.Run(() => Shell.Run(
                $"fio --name=verify --filename={device.Path} --rw=randwrite --bs=16k --size=16m --rate_iops=60 --ioengine=io_uring --iodepth=16 --direct=1 --verify=crc32c --do_verify=1 --verify_fatal=1", seconds: 400));
            for (int round = 0; round < 3; round++)
            {
                await Eventually.TrueAsync(() => device.StatusAsync().Result.Ios > 20 || verify.IsCompleted, "I/O under way");
                Assert.Equal(137, (await device.SignalAsync(MpathdProcess.KillNow)).Code);
                device.Dispose();
                device = await ServedDevice.Serve(_folder, Loop(64), Number);
                DiskHostStatus status = (await device.StatusAsync()).Device!;
                Assert.Equal((true, "reissue"), (status.Recovered, status.Recovery));
            }

            await verify;

            // A device that is served, or showed other data, is nobody else's.
            MpathdProcess.Ended second = await MpathdProcess.Run("serve", Loop(64), Number, "--control", _folder.File("other.sock"));
            Assert.Equal(3, second.Code);
            Assert.Contains("serves it (EBUSY)", second.Error);
            await device.SignalAsync(MpathdProcess.KillNow);
            second = await MpathdProcess.Run("serve", "--path", "null:size=64M", Number, "--control", _folder.File("other.sock"));
            Assert.Equal(3, second.Code);
            Assert.Contains("it showed other data", second.Error);
            Assert.Equal((0, "ublk device 41: deleted\n"), Outcome(await MpathdProcess.Run("ublk", "delete", "41")));
        }
        finally
        {
            device.Dispose();
        }
    }

    [UblkFact(Seconds = 400)]
    public async Task It_ends_when_it_is_told_to_and_leaves_nothing_behind()
    {
        using (ServedDevice device = await ServedDevice.Serve(_folder, "--path=null:size=64M", "--user-copy", "--queues=2"))
        {
            MpathdProcess.Ended ended = await device.SignalAsync(MpathdProcess.Terminate);
            Assert.Equal((130, ""), (ended.Code, ended.Error));
            Assert.Contains($"{device.Path} has gone, interrupted", ended.Output);
        }

        foreach (string verb in new[] { "stop", "delete" })
        {
            using ServedDevice device = await ServedDevice.Serve(_folder, "--path=null:size=64M", "--batch");
            Assert.Equal(0, (await MpathdProcess.Run("ublk", verb, device.Path["/dev/ublkb".Length..])).Code);
            MpathdProcess.Ended ended = await device.EndAsync();
            Assert.Equal((0, ""), (ended.Code, ended.Error));
            Assert.Contains("taken away by somebody else", ended.Output);
        }

        // I/O that waits for a path does not keep the device.
        using (ServedDevice device = await ServedDevice.Serve(_folder, "--path=null:size=64M"))
        {
            await device.DoAsync(ControlVerbs.PathFail, "0");
            using Process read = Shell.Start($"dd if={device.Path} of=/dev/null bs=4k count=1 iflag=direct");
            await Eventually.TrueAsync(() => device.StatusAsync().Result.Waiting > 0, "the read to wait");
            await device.DoAsync(ControlVerbs.Stop);
            Assert.Equal(0, (await device.EndAsync()).Code);
            await read.WaitForExitAsync();
            Assert.Equal(1, read.ExitCode);
        }

        Assert.Equal((0, "no ublk devices\n"), Outcome(await MpathdProcess.Run("ublk", "list")));
        Assert.Empty(_folder.Files);
    }

    private static (int Code, string Output) Outcome(MpathdProcess.Ended ended) => (ended.Code, ended.Output);

    private string Loop(int megabytes)
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
