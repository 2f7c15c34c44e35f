using LibMultipath.Ublk.Tests.Scenarios.Kit;

namespace Mpathd.Tests.Machine;

/// <summary>A disk in memory that has no id (null_blk). As root, in a guest. One at a time.</summary>
internal sealed class NullBlk : IDisposable
{
    private const string Folder = "/sys/kernel/config/nullb/nullb7";

    /// <summary>Makes it.</summary>
    /// <param name="megabytes">How large it is.</param>
    /// <param name="zoned">What makes it zoned: its attributes, without the one that says so.</param>
    public NullBlk(int megabytes = 64, params (string Attribute, string Value)[] zoned)
    {
        Shell.Run("modprobe null_blk nr_devices=0");
        Directory.CreateDirectory(Folder);
        (string, string)[] zones = zoned.Length == 0 ? [] : [("zoned", "1"), .. zoned];
        foreach ((string attribute, string value) in new[] { ("size", $"{megabytes}"), ("memory_backed", "1") }.Concat(zones).Append(("power", "1")))
        {
            ScsiRig.Write($"{Folder}/{attribute}", value);
        }

        ScsiRig.Wait(() => File.Exists(Device), "the disk");
    }

    public string Device => "/dev/nullb7";

    public void Dispose() => Directory.Delete(Folder);
}
