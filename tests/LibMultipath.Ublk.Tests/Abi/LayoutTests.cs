using KernelAbi;
using LibMultipath.Ublk.Abi;

namespace LibMultipath.Ublk.Tests.Abi;

/// <summary>The layouts and numbers of linux/ublk_cmd.h and linux/blkzoned.h, as they are in Linux 7.2.</summary>
public class LayoutTests
{
    [Theory]
    [InlineData("ublksrv_ctrl_cmd 32: dev_id 0+4 queue_id 4+2 len 6+2 addr 8+8 data 16+8 dev_path_len 24+2 pad 26+2 reserved 28+4")]
    [InlineData("ublksrv_ctrl_dev_info 64: nr_hw_queues 0+2 queue_depth 2+2 state 4+2 pad0 6+2 max_io_buf_bytes 8+4 dev_id 12+4 ublksrv_pid 16+4 pad1 20+4 flags 24+8 ublksrv_flags 32+8 owner_uid 40+4 owner_gid 44+4 reserved1 48+8 reserved2 56+8")]
    [InlineData("ublksrv_io_desc 24: op_flags 0+4 nr_sectors 4+4 start_sector 8+8 addr 16+8")]
    [InlineData("ublksrv_io_cmd 16: q_id 0+2 tag 2+2 result 4+4 addr 8+8")]
    [InlineData("ublk_elem_header 8: tag 0+2 buf_index 2+2 result 4+4")]
    [InlineData("ublk_batch_io 16: q_id 0+2 flags 2+2 nr_elem 4+2 elem_bytes 6+1 reserved 7+1 reserved2 8+8")]
    [InlineData("ublk_auto_buf_reg 8: index 0+2 flags 2+1 reserved0 3+1 reserved1 4+4")]
    [InlineData("ublk_shmem_buf_reg 24: addr 0+8 len 8+8 flags 16+4 reserved 20+4")]
    [InlineData("ublk_param_basic 32: attrs 0+4 logical_bs_shift 4+1 physical_bs_shift 5+1 io_opt_shift 6+1 io_min_shift 7+1 max_sectors 8+4 chunk_sectors 12+4 dev_sectors 16+8 virt_boundary_mask 24+8")]
    [InlineData("ublk_param_discard 20: discard_alignment 0+4 discard_granularity 4+4 max_discard_sectors 8+4 max_write_zeroes_sectors 12+4 max_discard_segments 16+2 reserved0 18+2")]
    [InlineData("ublk_param_devt 16: char_major 0+4 char_minor 4+4 disk_major 8+4 disk_minor 12+4")]
    [InlineData("ublk_param_zoned 32: max_open_zones 0+4 max_active_zones 4+4 max_zone_append_sectors 8+4 reserved 12+20")]
    [InlineData("ublk_param_dma_align 8: alignment 0+4 pad 4+4")]
    [InlineData("ublk_param_segment 16: seg_boundary_mask 0+8 max_segment_size 8+4 max_segments 12+2 pad 14+2")]
    [InlineData("ublk_param_integrity 16: flags 0+4 max_integrity_segments 4+2 interval_exp 6+1 metadata_size 7+1 pi_offset 8+1 csum_type 9+1 tag_size 10+1 pad 11+5")]
    [InlineData("ublk_params 152: len 0+4 types 4+4 basic 8+32 discard 40+20 devt 60+16 zoned 76+32 dma 108+8 seg 120+16 integrity 136+16")]
    [InlineData("blk_zone 64: start 0+8 len 8+8 wp 16+8 type 24+1 cond 25+1 non_seq 26+1 reset 27+1 capacity 32+8")]
    [InlineData("blk_zone_report 16: sector 0+8 nr_zones 8+4 flags 12+4")]
    [InlineData("blk_zone_range 16: sector 0+8 nr_sectors 8+8")]
    public void A_struct_is_laid_out_as_in_the_kernel(string expected) =>
        Assert.Equal(expected, Assert.Single(Structs.Layouts, layout => expected.StartsWith(layout.Name + " ", StringComparison.Ordinal)).ToString());

    [Fact]
    public void Every_struct_of_the_room_is_among_those()
    {
        IEnumerable<Type> structs = typeof(ublk_params).Assembly.GetTypes()
            .Where(type => type is { Namespace: "LibMultipath.Ublk.Abi", IsValueType: true, IsEnum: false, IsNested: false });
        Assert.Equal(structs.Select(type => type.Name).Order(), Structs.Layouts.Select(layout => layout.Name).Order());
    }

    [Theory]
    [InlineData(UblkCommand.UBLK_U_CMD_GET_QUEUE_AFFINITY, 0x80207501)]
    [InlineData(UblkCommand.UBLK_U_CMD_GET_DEV_INFO, 0x80207502)]
    [InlineData(UblkCommand.UBLK_U_CMD_ADD_DEV, 0xc0207504)]
    [InlineData(UblkCommand.UBLK_U_CMD_DEL_DEV, 0xc0207505)]
    [InlineData(UblkCommand.UBLK_U_CMD_START_DEV, 0xc0207506)]
    [InlineData(UblkCommand.UBLK_U_CMD_STOP_DEV, 0xc0207507)]
    [InlineData(UblkCommand.UBLK_U_CMD_SET_PARAMS, 0xc0207508)]
    [InlineData(UblkCommand.UBLK_U_CMD_GET_PARAMS, 0x80207509)]
    [InlineData(UblkCommand.UBLK_U_CMD_START_USER_RECOVERY, 0xc0207510)]
    [InlineData(UblkCommand.UBLK_U_CMD_END_USER_RECOVERY, 0xc0207511)]
    [InlineData(UblkCommand.UBLK_U_CMD_GET_DEV_INFO2, 0x80207512)]
    [InlineData(UblkCommand.UBLK_U_CMD_GET_FEATURES, 0x80207513)]
    [InlineData(UblkCommand.UBLK_U_CMD_DEL_DEV_ASYNC, 0x80207514)]
    [InlineData(UblkCommand.UBLK_U_CMD_UPDATE_SIZE, 0xc0207515)]
    [InlineData(UblkCommand.UBLK_U_CMD_QUIESCE_DEV, 0xc0207516)]
    [InlineData(UblkCommand.UBLK_U_CMD_TRY_STOP_DEV, 0xc0207517)]
    [InlineData(UblkCommand.UBLK_U_CMD_REG_BUF, 0xc0207518)]
    [InlineData(UblkCommand.UBLK_U_CMD_UNREG_BUF, 0xc0207519)]
    [InlineData(UblkIo.UBLK_U_IO_FETCH_REQ, 0xc0107520)]
    [InlineData(UblkIo.UBLK_U_IO_COMMIT_AND_FETCH_REQ, 0xc0107521)]
    [InlineData(UblkIo.UBLK_U_IO_NEED_GET_DATA, 0xc0107522)]
    [InlineData(UblkIo.UBLK_U_IO_REGISTER_IO_BUF, 0xc0107523)]
    [InlineData(UblkIo.UBLK_U_IO_UNREGISTER_IO_BUF, 0xc0107524)]
    [InlineData(UblkIo.UBLK_U_IO_PREP_IO_CMDS, 0xc0107525)]
    [InlineData(UblkIo.UBLK_U_IO_COMMIT_IO_CMDS, 0xc0107526)]
    [InlineData(UblkIo.UBLK_U_IO_FETCH_IO_CMDS, 0xc0107527)]
    public void A_command_is_encoded_as_an_ioctl_number(uint command, uint expected) => Assert.Equal(expected, command);

    [Fact]
    public void Every_control_command_has_a_name()
    {
        foreach ((string name, ulong value) in Constants.Of(typeof(UblkCommand)).Where(constant => constant.Name.StartsWith("UBLK_U_CMD_", StringComparison.Ordinal)))
        {
            Assert.Equal(name["UBLK_U_CMD_".Length..], UblkCommand.Name((uint)value));
        }

        Assert.Equal("command 0x42", UblkCommand.Name(0x42));
    }

    [Fact]
    public void A_descriptor_gives_its_operation_and_its_flags()
    {
        var descriptor = new ublksrv_io_desc { op_flags = 0x0008_2001 };
        Assert.Equal(UblkOp.Write, descriptor.Op);
        Assert.Equal(UblkIoFlags.Fua | UblkIoFlags.SharedMemory, descriptor.Flags);
    }

    [Fact]
    public void Automatic_registration_travels_in_one_word()
    {
        var registration = new ublk_auto_buf_reg { index = 0x1234, flags = 0x56, reserved0 = 0x78, reserved1 = 0x9abcdef0 };
        Assert.Equal(0x9abcdef0_78561234UL, registration.ToSqeAddr());
        Assert.Equal(registration, ublk_auto_buf_reg.FromSqeAddr(registration.ToSqeAddr()));
    }

    [Fact]
    public void A_place_in_shared_memory_travels_in_one_word()
    {
        ulong address = UblkShmem.Address(0xfedc, 0x89abcdef);
        Assert.Equal(0x0000_fedc_89ab_cdefUL, address);
        Assert.Equal(0xfedc, UblkShmem.Index(address));
        Assert.Equal(0x89abcdefU, UblkShmem.Offset(address));
    }

    [Fact]
    public void The_data_of_a_request_has_a_position_of_its_own() =>
        Assert.Equal(0x8000_0000L + (3L << 41) + (5L << 25) + 7, UblkIo.BufferPosition(3, 5, 7));
}
