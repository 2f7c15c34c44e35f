using BdevDriver;
using LibMultipath.Passthrough;
using BdevDriver.Devices;
using Drivers.Tests.Kit;
using FsCheck;
using FsCheck.Fluent;
using LibMultipath.Tests.Kit;
using Xunit.Abstractions;

namespace Drivers.Tests;

public sealed class UniqueIdTests(ITestOutputHelper output)
{
    // Of a LIO target with a serial number: NAA, T10, relative port, port groups, and the names of the target port.
    private const string LioPage =
        "008300a90103001060014053d1e5b1a8f7e4a5e9d5e01234020100394c494f2d4f52472052414d4449534b2d4d43503a33643165356231612d386637652d34613565"
        + "2d396435652d30313233343536373839616200619400040000000061950004000000000106000400000000639800206e61612e353030313430313131313131313131"
        + "312c742c30783030303100000063a800186e61612e3530303134303131313131313131313100000000";

    [Theory]
    [InlineData("naa.60014053d1e5b1a8f7e4a5e9d5e01234\n", UniqueIdKind.Naa, "naa.60014053d1e5b1a8f7e4a5e9d5e01234", 16)]
    [InlineData("naa.5000C500A1B2C3D4", UniqueIdKind.Naa, "naa.5000c500a1b2c3d4", 8)]
    [InlineData("eui.0025385b71b00c61", UniqueIdKind.Eui64, "eui.0025385b71b00c61", 8)]
    [InlineData("eui.00000000000000010025385b71b00c61", UniqueIdKind.Eui64, "eui.00000000000000010025385b71b00c61", 16)]
    [InlineData("uuid.3D1E5B1A-8f7e-4a5e-9d5e-0123456789ab", null, "uuid.3d1e5b1a-8f7e-4a5e-9d5e-0123456789ab", 16)]
    [InlineData("t10.Linux   scsi_debug      2000", UniqueIdKind.T10, "t10.Linux   scsi_debug      2000", 0)]
    [InlineData("t10.ACME disk 1", UniqueIdKind.T10, "t10.ACME disk 1", 11)]
    [InlineData("nvme.1234-abcd", null, "nvme.1234-abcd", 0)]
    [InlineData("naa.not hex", null, "naa.not hex", 0)]
    [InlineData("naa.600140", UniqueIdKind.Naa, "naa.600140", 3)]
    [InlineData("naa.60014", null, "naa.60014", 0)]
    [InlineData("somebody", null, "somebody", 0)]
    public void An_id_is_read_as_sysfs_writes_it(string wwid, UniqueIdKind? kind, string text, int bytes)
    {
        UniqueId id = UniqueId.Parse(wwid)!;
        Assert.Equal((kind, text, bytes), (id.Kind, id.Text, id.Bytes.Length));
        Assert.Equal(text, id.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n")]
    public void A_device_without_an_id_has_none(string wwid) => Assert.Null(UniqueId.Parse(wwid));

    [Fact]
    public void Ids_are_equal_whatever_the_case_of_their_digits()
    {
        Assert.Equal(UniqueId.Parse("naa.5000C500A1B2C3D4"), UniqueId.Parse("naa.5000c500a1b2c3d4"));
        Assert.Equal(UniqueId.Parse("naa.5000C500A1B2C3D4")!.GetHashCode(), UniqueId.Parse("naa.5000c500a1b2c3d4")!.GetHashCode());
        Assert.NotEqual(UniqueId.Parse("eui.5000c500a1b2c3d4"), UniqueId.Parse("naa.5000c500a1b2c3d4"));
        Assert.NotEqual(UniqueId.Parse("t10.disk A"), UniqueId.Parse("t10.disk a"));
    }

    [Fact]
    public void The_page_of_a_target_has_the_id_that_the_kernel_makes_of_it() =>
        Assert.Equal("naa.60014053d1e5b1a8f7e4a5e9d5e01234", Vpd83.Parse(Convert.FromHexString(LioPage))!.Text);

    [Theory]
    [InlineData("008300080103000000000000", null)] // an id of no length
    [InlineData("0083000c01030008500000000000000a", "naa.500000000000000a")]
    [InlineData("0083000c02010008414243443132333400000000", "t10.ABCD1234")]
    [InlineData("0083000c01930008500000000000000a", null)] // of the port
    [InlineData("008300180103000850000000000000010102000800253800000000ff", "naa.5000000000000001")]
    [InlineData("008300180102000800253800000000ff01030008500000000000000100", "naa.5000000000000001")]
    [InlineData("008300200103000850000000000000010103001060000000000000000000000000000002", "naa.60000000000000000000000000000002")]
    [InlineData("0083000c010800086e616d652e610000", "name.a")]
    [InlineData("0080000c01030008500000000000000a", null)] // another page
    [InlineData("0083", null)]
    [InlineData("0083000c0103000850000000", null)] // cut off
    public void The_best_id_of_the_unit_is_taken_from_a_page(string page, string? expected) =>
        Assert.Equal(expected, Vpd83.Parse(Convert.FromHexString(page))?.Text);

    [Fact]
    public void Any_page_is_read_or_has_none() => Prop.ForAll(
        ArbMap.Default.ArbFor<byte[]>(),
        bytes => Vpd83.Parse([0, 0x83, 0, (byte)bytes.Length, .. bytes]) is null or { Text.Length: > 0 })
        .Check(Seeds.Config(output, times: 500));

    [Fact]
    public void The_kernels_word_comes_before_the_page()
    {
        using var devices = new FakeDevices();
        FakeDevice disk = devices.Add("sda", "naa.5000c500a1b2c3d4");
        disk.SetBytes("device/vpd_pg83", LioPage);
        Assert.Equal("naa.5000c500a1b2c3d4", Open(disk));
        disk.Clear("device/wwid");
        Assert.Equal("naa.60014053d1e5b1a8f7e4a5e9d5e01234", Open(disk));
        disk.Set("wwid", "uuid.3d1e5b1a-8f7e-4a5e-9d5e-0123456789ab");
        Assert.Equal("uuid.3d1e5b1a-8f7e-4a5e-9d5e-0123456789ab", Open(disk));

        string Open(FakeDevice device)
        {
            using BdevPath path = devices.Open(device);
            return path.UniqueId!.Text;
        }
    }
}
