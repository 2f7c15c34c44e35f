namespace LibMultipath.Nbd.Tests.Kit.Tools;

/// <summary>The programs that the tests use, and the Debian packages that they come from.</summary>
internal static class ToolBox
{
    private static readonly Dictionary<string, string> s_packages = new()
    {
        ["nbdkit"] = "nbdkit",
        ["nbdcopy"] = "libnbd-bin",
        ["nbdinfo"] = "libnbd-bin",
        ["qemu-nbd"] = "qemu-utils",
        ["qemu-img"] = "qemu-utils",
        ["qemu-io"] = "qemu-utils",
        ["fio"] = "fio",
        ["mkfs.ext4"] = "e2fsprogs",
        ["debugfs"] = "e2fsprogs",
        ["fsck.ext4"] = "e2fsprogs",
        ["setpriv"] = "util-linux",
    };

    // The system's own folders, too: PATH does not have them for everybody.
    private static readonly string[] s_folders =
        [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries), "/usr/sbin", "/sbin"];

    private static bool IsInCi => Environment.GetEnvironmentVariable("CI") == "true";

    /// <summary>Where a program is; throws with the package to install if it is missing.</summary>
    public static string Find(string program) => Look(program) ?? throw new InvalidOperationException(Missing([program]));

    /// <summary>Why a test that needs these programs is skipped; null if it is not, as in CI, where it fails instead.</summary>
    public static string? WhyNot(params string[] programs)
    {
        string[] missing = [.. programs.Where(program => Look(program) is null)];
        return missing.Length == 0 || IsInCi ? null : Missing(missing);
    }

    private static string? Look(string program) =>
        s_folders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private static string Missing(string[] programs) =>
        $"Needs {string.Join(", ", programs)}: Debian {string.Join(", ", programs.Select(program => s_packages[program]).Distinct())}.";
}
