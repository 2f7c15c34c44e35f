using System.Text.RegularExpressions;
using LibMultipath.Nbd.Tests.Kit.Tools;
using LibMultipath.Ublk.Tests.Scenarios.Kit;
using Mpathd.Control;
using Mpathd.Serving;
using Mpathd.Tests.Kit;
using Mpathd.Tests.Processes;

namespace Mpathd.Tests.Machine;

/// <summary>The NBD export where there is ublk as well, and where there is the kernel's own NBD client.</summary>
[Collection(ProcessCollection.Name)]
public sealed partial class NbdExportTests
{
    private const int Half = 2 << 20;

    [UblkFact(Seconds = 400)]
    public async Task One_disk_is_served_as_a_block_device_and_over_nbd_side_by_side()
    {
        using var folder = new TemporaryFolder();
        string socket = folder.File("disk.nbd"), uri = $"nbd+unix:///?socket={socket}";
        string disk = folder.File("disk.img", 2 * Half), random = folder.File("random.img"), copy = folder.File("copy.img");
        using ServedDevice device = await ServedDevice.Serve(folder, $"--path=loop:{disk}", $"--path=loop:{disk}", "--ublk", $"--nbd=unix:{socket}");
        Shell.Run($"head -c {Half} /dev/urandom > {random}");

        // One half through each at the same time, and each half through the other.
        Shell.Run(
            $"dd if={random} of={device.Path} bs=64k oflag=direct status=none & qemu-io -f raw -c 'write -P 7 {Half} {Half}' -c flush '{uri}'; code=$?; wait $! && exit $code",
            seconds: 300);
        Shell.Run($"nbdcopy '{uri}' {copy} && cmp -n {Half} {random} {copy}", seconds: 300);
        Shell.Run($"dd if={device.Path} bs=64k iflag=direct status=none | cmp - {copy}");

        Assert.All(File.ReadAllBytes(copy)[Half..], each => Assert.Equal(7, each));
        Assert.Equal(File.ReadAllBytes(copy), File.ReadAllBytes(disk));
        ServiceStatus status = await device.StatusAsync();
        Assert.Equal((uri, device.Path, 0L), (status.Nbd!.Uri, status.Device!.BlockPath, status.Errors));
        await device.DoAsync(ControlVerbs.Stop);
        Assert.Equal(0, (await device.EndAsync()).Code);
        Assert.False(File.Exists(device.Path) || File.Exists(socket));
    }

    [UblkFact(Seconds = 400)]
    public async Task The_kernels_client_attaches_with_the_command_that_is_printed()
    {
        using var folder = new TempFolder();
        string disk = folder.File("disk.img", 16 << 20), place = folder["mount"];
        using NbdDaemon daemon = await NbdDaemon.StartAsync(folder, "--path", $"loop:{disk}");
        string command = Command().Match(daemon.Output).Groups[1].Value;
        Assert.EndsWith(" /dev/nbd0", command, StringComparison.Ordinal);

        Shell.Run($"modprobe nbd && {command}");
        try
        {
            Assert.Equal($"{16 << 20}", Shell.Run("blockdev --getsize64 /dev/nbd0").Trim());
            Shell.Run($"mkfs.ext4 -q -F /dev/nbd0 && mkdir {place} && mount /dev/nbd0 {place} && cp /bin/bash {place}/file && umount {place}");
        }
        finally
        {
            Shell.Run("nbd-client -d /dev/nbd0");
        }

        Shell.Run($"e2fsck -fn {disk} && debugfs -R 'cat /file' {disk} 2> /dev/null | cmp - /bin/bash");
        Assert.Equal(0, (await daemon.StopAsync()).Code);
    }

    [GeneratedRegex("^  (nbd-client .*)$", RegexOptions.Multiline)]
    private static partial Regex Command();
}
