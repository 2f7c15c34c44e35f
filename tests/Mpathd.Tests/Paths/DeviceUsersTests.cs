using BdevDriver;
using Mpathd.Paths;
using Mpathd.Tests.Processes;

namespace Mpathd.Tests.Paths;

public sealed class DeviceUsersTests : IDisposable
{
    private static readonly DeviceNumber s_disk = new(8, 16);

    private readonly TemporaryFolder _root = new();

    public DeviceUsersTests()
    {
        Write("sys/devices/sdb/dev", "8:16");
        Write("sys/devices/sdb/sdb1/dev", "8:17");
        Write("sys/devices/sdb/sdb1/partition", "1");
        Directory.CreateDirectory(Path.Combine(_root.Path, "sys/dev/block"));
        Directory.CreateSymbolicLink(Path.Combine(_root.Path, "sys/dev/block/8:16"), Path.Combine(_root.Path, "sys/devices/sdb"));
        Write("proc/self/mountinfo", "22 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw");
        Write("proc/swaps", "Filename\tType\tSize\tUsed\tPriority\n/dev/sda2                               partition\t1024\t0\t-2");
    }

    public void Dispose() => _root.Dispose();

    [Fact]
    public void A_device_that_nobody_uses_has_no_user() => Assert.Null(User());

    [Theory]
    [InlineData("8:16")]
    [InlineData("8:17")]
    public void A_device_or_partition_with_a_file_system_is_mounted(string number)
    {
        Write("proc/self/mountinfo", $"22 1 8:1 / / rw - ext4 /dev/sda1 rw\n99 22 {number} / /srv/data rw - xfs /dev/sdb rw");
        Assert.Equal("mounted on /srv/data", User());
    }

    [Theory]
    [InlineData("sdb")]
    [InlineData("sdb1")]
    public void A_device_or_partition_can_be_swap_space(string name)
    {
        Write("proc/swaps", $"Filename\tType\n/dev/{name}                               partition\t1024\t0\t-2");
        Assert.Equal("swap space", User());
    }

    [Theory]
    [InlineData("sdb/holders/dm-3")]
    [InlineData("sdb/sdb1/holders/dm-3")]
    public void A_device_or_partition_can_be_a_part_of_another(string holder)
    {
        Write($"sys/devices/{holder}", "");
        Assert.Equal("a part of /dev/dm-3", User());
    }

    [Fact]
    public void A_device_that_is_not_there_has_no_user() =>
        Assert.Null(DeviceUsers.Of(new DeviceNumber(9, 9), Path.Combine(_root.Path, "sys"), Path.Combine(_root.Path, "proc")));

    private string? User() => DeviceUsers.Of(s_disk, Path.Combine(_root.Path, "sys"), Path.Combine(_root.Path, "proc"));

    private void Write(string file, string content)
    {
        string path = Path.Combine(_root.Path, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content + "\n");
    }
}
