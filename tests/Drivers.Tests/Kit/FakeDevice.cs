using System.Globalization;
using System.Text;
using BdevDriver;
using BdevDriver.Abi;
using LibMultipath.Block;

namespace Drivers.Tests.Kit;

/// <summary>A SCSI disk that is a file, with its folder in a sysfs that is one too.</summary>
internal sealed unsafe class FakeDevice
{
    private readonly string _folder;

    /// <summary>Makes it.</summary>
    /// <param name="sysfs">Where its folder is made.</param>
    /// <param name="file">Its data; also under the name by which /proc knows it when it is open.</param>
    /// <param name="name">Such as sda.</param>
    /// <param name="number">Its number.</param>
    public FakeDevice(string sysfs, string file, string name, DeviceNumber number)
    {
        File = file;
        Number = number;
        _folder = $"{sysfs}/devices/host0/0:0:0:{number.Minor}/block/{name}";
        Directory.CreateDirectory($"{_folder}/queue");
        Directory.CreateDirectory($"{sysfs}/dev/block");
        Directory.CreateSymbolicLink($"{_folder}/device", "../..");
        SetSubsystem(sysfs, "scsi");
        Directory.CreateSymbolicLink($"{sysfs}/dev/block/{number}", _folder);
        Set("device/state", "running");
        Set("queue/max_sectors_kb", "1280");
        Set("queue/max_segments", "128");
        Set("queue/dma_alignment", "3");
        Set("queue/write_cache", "write back");
        Set("queue/fua", "1");
        Set("queue/rotational", "0");
        Set("queue/stable_writes", "0");
        Set("queue/discard_max_bytes", "1073741824");
        Set("queue/discard_granularity", "4096");
        Set("queue/write_zeroes_max_bytes", "33553920");
        Sequence = number.Minor + 1;
    }

    public string File { get; }

    public DeviceNumber Number { get; }

    public int LogicalBlock { get; set; } = 512;

    public uint PhysicalBlock { get; set; } = 4096;

    public uint IoMin { get; set; } = 4096;

    public uint IoOpt { get; set; }

    public int AlignmentOffset { get; set; }

    /// <summary>What it says of its size, if that is not the file's.</summary>
    public long? Bytes { get; set; }

    /// <summary>How many disks there were before it; 0 for a kernel that does not count.</summary>
    public uint Sequence
    {
        get;
        set
        {
            field = value;
            Set("diskseq", value == 0 ? "" : $"{value}");
        }
    }

    /// <summary>Answers the ioctls that are not about its shape; null to answer none.</summary>
    public FakeControl? Answers { get; set; }

    /// <summary>Sets an attribute of its folder in sysfs: who reads it meanwhile sees the old value or the new one.</summary>
    public void Set(string attribute, string value)
    {
        string next = $"{_folder}/.next";
        System.IO.File.WriteAllText(next, value + "\n");
        System.IO.File.Move(next, $"{_folder}/{attribute}", overwrite: true);
    }

    /// <summary>Takes an attribute away.</summary>
    public void Clear(string attribute) => System.IO.File.Delete($"{_folder}/{attribute}");

    /// <summary>Sets an attribute of bytes, from hexadecimal digits.</summary>
    public void SetBytes(string attribute, string hex) => System.IO.File.WriteAllBytes($"{_folder}/{attribute}", Convert.FromHexString(hex));

    /// <summary>Says what kind of device it is.</summary>
    public void SetSubsystem(string sysfs, string name)
    {
        Directory.CreateDirectory($"{sysfs}/bus/{name}");
        System.IO.File.Delete($"{_folder}/device/subsystem");
        Directory.CreateSymbolicLink($"{_folder}/device/subsystem", $"{sysfs}/bus/{name}");
    }

    /// <summary>Makes a partition's folder in the disk's, and the partition of what was the disk.</summary>
    public void MakePartition(string sysfs, string name, long start)
    {
        string folder = $"{_folder}/{name}";
        Directory.CreateDirectory(folder);
        System.IO.File.WriteAllText($"{folder}/partition", "1\n");
        System.IO.File.WriteAllText($"{folder}/start", start.ToString(CultureInfo.InvariantCulture) + "\n");
        System.IO.File.Delete($"{sysfs}/dev/block/{Number}");
        Directory.CreateSymbolicLink($"{sysfs}/dev/block/{Number}", folder);
    }

    /// <summary>What the kernel does with a device that is removed: its folder goes, and it has no capacity.</summary>
    public void Remove()
    {
        Bytes = 0;
        Directory.Move(_folder, $"{_folder}.gone");
    }

    /// <summary>It is there again: the same, as far as its folder tells.</summary>
    public void PutBack()
    {
        Directory.Move($"{_folder}.gone", _folder);
        Bytes = null;
    }

    /// <summary>As the kernel would, for a disk that is a file.</summary>
    public int Control(uint command, void* argument)
    {
        switch (command)
        {
            case Ioctls.BLKGETSIZE64:
                *(ulong*)argument = (ulong)(Bytes ?? new FileInfo(File).Length);
                return 0;
            case Ioctls.BLKSSZGET:
                *(int*)argument = LogicalBlock;
                return 0;
            case Ioctls.BLKPBSZGET:
                *(uint*)argument = PhysicalBlock;
                return 0;
            case Ioctls.BLKIOMIN:
                *(uint*)argument = IoMin;
                return 0;
            case Ioctls.BLKIOOPT:
                *(uint*)argument = IoOpt;
                return 0;
            case Ioctls.BLKALIGNOFF:
                *(int*)argument = AlignmentOffset;
                return 0;
            case Ioctls.BLKGETDISKSEQ when Sequence != 0:
                *(ulong*)argument = Sequence;
                return 0;
            default:
                return Answers is { } answer ? answer(command, argument) : -(int)Errno.ENOTTY;
        }
    }

    public override string ToString() => new StringBuilder(File).Append(" (").Append(Number).Append(')').ToString();
}
