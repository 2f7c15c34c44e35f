using System.Diagnostics;
using LibMultipath.Ublk.Tests.Scenarios.Kit;
using Mpathd.Control;
using Mpathd.Tests.Processes;

namespace Mpathd.Tests.Machine;

/// <summary>What a disk does that has lost its last path and waits for another, as blktests' nvme/068 checks it of the kernel.</summary>
[Collection(ProcessCollection.Name)]
public sealed class DelayedRemovalTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    [UblkFact(Seconds = 240)]
    public async Task When_no_path_is_back_in_time_a_write_fails_and_everything_is_released()
    {
        using var folder = new TemporaryFolder();
        using ScsiRig rig = ScsiRig.Build(paths: 2);
        using ServedDevice device = await Serve(folder, rig, "--delayed-removal=20");
        await DeleteAll(device, rig);
        using Process write = Write(device);
        Task<string> said = write.StandardOutput.ReadToEndAsync();
        await Eventually.TrueAsync(() => device.StatusAsync().Result.Waiting > 0, "the write to wait", s_limit);
        Assert.False(write.HasExited);
        MpathdProcess.Ended ended = await device.EndAsync();
        Assert.Equal((int)ExitCode.Failed, ended.Code);
        Assert.Contains("its last path was removed", ended.Output, StringComparison.Ordinal);
        await write.WaitForExitAsync().WaitAsync(s_limit);
        Assert.NotEqual(0, write.ExitCode);
        Assert.Contains("Input/output error", await said, StringComparison.Ordinal);
        Assert.False(File.Exists(device.Path));
    }

    [UblkFact(Seconds = 240)]
    public async Task When_a_path_is_back_in_time_the_write_succeeds()
    {
        using var folder = new TemporaryFolder();
        using ScsiRig rig = ScsiRig.Build(paths: 2);
        using ServedDevice device = await Serve(folder, rig, "--delayed-removal=600");
        await DeleteAll(device, rig);
        using Process write = Write(device);
        Task<string> said = write.StandardOutput.ReadToEndAsync();
        await Eventually.TrueAsync(() => device.StatusAsync().Result.Waiting > 0, "the write to wait", s_limit);
        rig.Paths[1].Rescan();
        await device.DoAsync(ControlVerbs.PathAdd, spec: $"bdev:{rig.Paths[1].Device}");
        await write.WaitForExitAsync().WaitAsync(s_limit);
        Assert.True(write.ExitCode == 0, await said);
        Assert.Equal("AAAA", Shell.Run($"dd if={rig.Paths[1].Device} bs=4k count=1 iflag=direct status=none | head -c 4"));
        Assert.Equal(("live", 0L), await device.StatusAsync() is var status ? (status.State, status.Errors) : default);

        // The delay counts anew: without it, the disk goes with its last path.
        await device.DoAsync(ControlVerbs.Stop);
        Assert.Equal(0, (await device.EndAsync()).Code);
    }

    private static Task<ServedDevice> Serve(TemporaryFolder folder, ScsiRig rig, string option) =>
        ServedDevice.Serve(folder, [.. rig.Paths.Select(path => $"--path=bdev:{path.Device}"), option]);

    private static async Task DeleteAll(ServedDevice device, ScsiRig rig)
    {
        foreach (ScsiRigPath path in rig.Paths)
        {
            path.Delete();
        }

        await Eventually.TrueAsync(() => device.StatusAsync().Result.Paths.Length == 0, "all paths to leave", s_limit);
    }

    private static Process Write(ServedDevice device) =>
        Shell.Start($"head -c 4096 /dev/zero | tr '\\0' A | dd of={device.Path} bs=4k count=1 iflag=fullblock oflag=direct");
}
