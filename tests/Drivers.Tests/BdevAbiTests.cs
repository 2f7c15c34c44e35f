using BdevDriver.Abi;
using BdevDriver.Devices;
using KernelAbi;

namespace Drivers.Tests;

/// <summary>The structs and numbers of the ioctls are the kernel's.</summary>
public sealed class BdevAbiTests
{
    private static readonly Layout[] s_layouts =
    [
        .. new[]
        {
            typeof(pr_registration), typeof(pr_reservation), typeof(pr_preempt), typeof(pr_clear), typeof(pr_read_keys),
            typeof(pr_read_reservation), typeof(hd_geometry), typeof(sg_io_hdr),
        }.Select(Layout.Of),
    ];

    private static readonly Header s_header = new("""
        #include <sys/ioctl.h>
        #include <linux/fs.h>
        #include <linux/hdreg.h>
        #include <linux/nvme_ioctl.h>
        #include <linux/blkpg.h>
        #include <linux/blkdev.h>
        #include <linux/pr.h>
        #include <scsi/sg.h>
        #include <scsi/scsi_ioctl.h>
        #ifndef SCSI_IOCTL_GET_IDLUN
        #define SCSI_IOCTL_GET_IDLUN 0x5382
        #define SCSI_IOCTL_GET_BUS_NUMBER 0x5386
        #endif
        """);

    [Theory]
    [InlineData("pr_registration 24: old_key 0+8 new_key 8+8 flags 16+4")]
    [InlineData("pr_reservation 16: key 0+8 type 8+4 flags 12+4")]
    [InlineData("pr_preempt 24: old_key 0+8 new_key 8+8 type 16+4 flags 20+4")]
    [InlineData("pr_clear 16: key 0+8 flags 8+4")]
    [InlineData("pr_read_keys 16: generation 0+4 num_keys 4+4 keys_ptr 8+8")]
    [InlineData("pr_read_reservation 16: key 0+8 generation 8+4 type 12+4")]
    [InlineData("hd_geometry 16: heads 0+1 sectors 1+1 cylinders 2+2 start 8+8")]
    [InlineData("sg_io_hdr 88: interface_id 0+4 dxfer_direction 4+4 cmd_len 8+1 mx_sb_len 9+1 iovec_count 10+2 dxfer_len 12+4 dxferp 16+8 cmdp 24+8 sbp 32+8 timeout 40+4 flags 44+4 pack_id 48+4 usr_ptr 56+8 status 64+1 masked_status 65+1 msg_status 66+1 sb_len_wr 67+1 host_status 68+2 driver_status 70+2 resid 72+4 duration 76+4 info 80+4")]
    public void A_struct_is_laid_out_as_in_the_kernel(string expected) =>
        Assert.Equal(expected, Assert.Single(s_layouts, layout => expected.StartsWith(layout.Name + " ", StringComparison.Ordinal)).ToString());

    [Fact]
    public void Every_struct_of_the_room_is_among_those()
    {
        IEnumerable<Type> structs = typeof(DeviceTarget).Assembly.GetTypes()
            .Where(type => type is { Namespace: "BdevDriver.Abi", IsValueType: true, IsNested: false });
        Assert.Equal(structs.Select(type => type.Name).Order(), s_layouts.Select(layout => layout.Name).Order());
    }

    [HeadersFact]
    public void The_headers_have_the_same_layouts() =>
        Assert.Equal(s_layouts.Select(layout => layout.ToString()), s_header.Layouts(s_layouts));

    [HeadersFact]
    public void The_headers_have_the_same_numbers()
    {
        (string Name, ulong Value)[] ours = [.. Constants.Of(typeof(Ioctls))];
        Assert.Equal(ours, s_header.Constants(ours.Select(constant => constant.Name)));
    }
}
