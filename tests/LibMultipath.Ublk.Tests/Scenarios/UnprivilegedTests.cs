using System.Globalization;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Tests.Scenarios.Kit;

namespace LibMultipath.Ublk.Tests.Scenarios;

/// <summary>A server that is not root, a process of its own; the tests do what a udev rule would.</summary>
public sealed class UnprivilegedTests : IDisposable
{
    private const int Nobody = 65534;
    private const int Another = 65533;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Everyone = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    private readonly string _folder = Directory.CreateTempSubdirectory("unprivileged-").FullName;

    public UnprivilegedTests()
    {
        foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory))
        {
            string name = Path.GetFileName(file);
            if (name.StartsWith("ublk-null", StringComparison.Ordinal) || name.StartsWith("LibMultipath", StringComparison.Ordinal)
                || name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("Microsoft.Extensions", StringComparison.Ordinal))
            {
                File.Copy(file, Path.Combine(_folder, name));
            }
        }

        Shell.Run($"chmod -R a+rX {_folder}");
    }

    [UblkFact(Seconds = 120)]
    public void U25_A_user_serves_a_disk_of_his_own_that_nobody_else_can_open()
    {
        UnixFileMode before = File.GetUnixFileMode(UblkControl.Path);
        File.SetUnixFileMode(UblkControl.Path, Everyone);
        try
        {
            using UblkRig roots = UblkRig.Start(megabytes: 8);
            using SampleProcess server = SampleProcess.StartAs(Nobody, _folder, "ublk-null", "--unprivileged", "--id", "77", "--size", "32");
            Give("/dev/ublkc77");
            string disk = server.Line();
            Give(disk);
            using UblkControl control = UblkControl.Open();
            UblkDeviceInfo info = control.GetDeviceInfo(77);
            Assert.Equal(((uint)Nobody, (uint)Nobody), (info.OwnerUid, info.OwnerGid));

            As(Nobody, $"fio --name=own --filename={disk} --rw=randrw --bs=4k --size=4m --ioengine=psync --direct=1", 0);

            // Not even when the node lets him: the driver itself sees to it. And root's are root's.
            File.SetUnixFileMode(disk, Everyone);
            As(Another, $"dd if={disk} of=/dev/null count=1", 1, "Operation not permitted");
            As(Nobody, $"dd if={roots.Disk} of=/dev/null count=1", 1, "Permission denied");

            server.Interrupt();
            Assert.Equal((0, ""), server.End());
            Assert.False(File.Exists(disk));
        }
        finally
        {
            File.SetUnixFileMode(UblkControl.Path, before);
        }
    }

    [UblkFact(Seconds = 120)]
    public void U25_A_user_is_told_what_is_missing()
    {
        UnixFileMode before = File.GetUnixFileMode(UblkControl.Path);
        try
        {
            File.SetUnixFileMode(UblkControl.Path, OwnerOnly);
            Refused("udev", "--unprivileged");
            File.SetUnixFileMode(UblkControl.Path, Everyone);
            Refused("UNPRIVILEGED_DEV");
        }
        finally
        {
            File.SetUnixFileMode(UblkControl.Path, before);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static void Give(string node)
    {
        LibMultipath.Tests.Kit.Eventually.True(() => File.Exists(node), $"{node} to appear");
        Shell.Run(string.Create(CultureInfo.InvariantCulture, $"chown {Nobody}:{Nobody} {node}"));
    }

    private static void As(int user, string command, int code, string says = "")
    {
        (int ended, string output) = Shell.Try($"setpriv --reuid={user} --regid={user} --clear-groups --inh-caps=-all -- {command}");
        Assert.True(ended == code && output.Contains(says, StringComparison.Ordinal), $"{ended}: {output}");
    }

    private void Refused(string says, params string[] arguments)
    {
        using SampleProcess server = SampleProcess.StartAs(Nobody, _folder, "ublk-null", arguments);
        (int code, string errors) = server.End();
        Assert.Equal(3, code);
        Assert.Contains(says, errors, StringComparison.Ordinal);
        Assert.Single(errors.Trim().Split('\n'));
    }
}
