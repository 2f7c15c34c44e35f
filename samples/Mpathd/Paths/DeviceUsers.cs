using BdevDriver;

namespace Mpathd.Paths;

/// <summary>
/// Who uses a block device, or a partition of it, through the kernel: a file system, the swap space, another device that
/// is made of it. Opening it is no question of those, so who would write it asks first.
/// </summary>
internal static class DeviceUsers
{
    private const int MountedDevice = 2;
    private const int MountPoint = 4;

    /// <summary>Finds a user.</summary>
    /// <param name="device">The device.</param>
    /// <param name="sysfs">Where sysfs is.</param>
    /// <param name="proc">Where this process is in proc's.</param>
    /// <returns>What the device is in a word or two, such as <c>mounted on /mnt</c>; null when nobody is found.</returns>
    public static string? Of(DeviceNumber device, string sysfs = "/sys", string proc = "/proc")
    {
        string[] folders = FoldersOf($"{sysfs}/dev/block/{device}");
        return folders.Select(folder => UserOf(folder, proc)).FirstOrDefault(user => user is not null);
    }

    // Its own, and those of its partitions.
    private static string[] FoldersOf(string folder) => !Directory.Exists(folder)
        ? []
        : [folder, .. Directory.EnumerateDirectories(folder).Where(child => File.Exists($"{child}/partition"))];

    private static string? UserOf(string folder, string proc)
    {
        string number = LinesOf($"{folder}/dev").FirstOrDefault("");
        string[]? mount = LinesOf($"{proc}/self/mountinfo").Select(line => line.Split(' ')).FirstOrDefault(fields => fields.ElementAtOrDefault(MountedDevice) == number);
        if (mount is not null)
        {
            return $"mounted on {mount[MountPoint]}";
        }

        string name = $"/dev/{Path.GetFileName(Directory.ResolveLinkTarget(folder, returnFinalTarget: true)?.FullName ?? folder)}";
        if (LinesOf($"{proc}/swaps").Any(line => line.StartsWith($"{name} ", StringComparison.Ordinal)))
        {
            return "swap space";
        }

        string holders = $"{folder}/holders";
        string? holder = Directory.Exists(holders) ? Directory.EnumerateFileSystemEntries(holders).Select(Path.GetFileName).FirstOrDefault() : null;
        return holder is null ? null : $"a part of /dev/{holder}";
    }

    private static IEnumerable<string> LinesOf(string file) => File.Exists(file) ? File.ReadLines(file) : [];
}
