using LibMultipath.Ublk.Tests.Scenarios.Kit;

namespace Mpathd.Tests.Machine;

/// <summary>A SCSI disk in memory that unmaps and writes zeroes (scsi_debug). As root, in a guest. One at a time.</summary>
internal sealed class DebugDisk : IDisposable
{
    private const string Host = "/sys/bus/pseudo/drivers/scsi_debug/adapter0";

    public DebugDisk()
    {
        Shell.Run("modprobe sd_mod && modprobe scsi_debug dev_size_mb=32 lbpu=1 lbpws=1 delay=0");
        ScsiRig.Wait(() => Folder is { } folder && File.Exists($"/dev/{Path.GetFileName(folder)}"), "the disk");
        Device = $"/dev/{Path.GetFileName(Folder)}";
    }

    public string Device { get; }

    // adapter0/host0/target0:0:0/0:0:0:0/block/sda
    private static string? Folder => Directory.Exists(Host)
        ? Directory.EnumerateDirectories(Host, "host*")
            .SelectMany(host => Directory.EnumerateDirectories(host, "target*"))
            .SelectMany(target => Directory.EnumerateDirectories(target, "*:*:*:*"))
            .Select(unit => $"{unit}/block").Where(Directory.Exists)
            .SelectMany(Directory.EnumerateDirectories)
            .FirstOrDefault()
        : null;

    public void Dispose() => Shell.Run("modprobe -r scsi_debug");
}
