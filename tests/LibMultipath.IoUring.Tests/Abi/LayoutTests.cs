namespace LibMultipath.IoUring.Tests.Abi;

/// <summary>The structs are where the kernel's ABI has them, for ever.</summary>
public sealed class LayoutTests
{
    private static readonly string[] s_layouts =
    [
        "io_uring_sqe 64: opcode 0+1 flags 1+1 ioprio 2+2 fd 4+4 cmd_op 8+4 off 8+8 addr 16+8 len 24+4 op_flags 28+4 user_data 32+8 buf_index 40+2 personality 42+2 file_index 44+4 addr3 48+8",
        "io_uring_cqe 16: user_data 0+8 res 8+4 flags 12+4",
        "io_uring_params 120: sq_entries 0+4 cq_entries 4+4 flags 8+4 sq_thread_cpu 12+4 sq_thread_idle 16+4 features 20+4 wq_fd 24+4 resv 28+12 sq_off 40+40 cq_off 80+40",
        "io_sqring_offsets 40: head 0+4 tail 4+4 ring_mask 8+4 ring_entries 12+4 flags 16+4 dropped 20+4 array 24+4 resv1 28+4 user_addr 32+8",
        "io_cqring_offsets 40: head 0+4 tail 4+4 ring_mask 8+4 ring_entries 12+4 overflow 16+4 cqes 20+4 flags 24+4 resv1 28+4 user_addr 32+8",
        "io_uring_rsrc_register 32: nr 0+4 flags 4+4 resv2 8+8 data 16+8 tags 24+8",
        "io_uring_rsrc_update2 32: offset 0+4 resv 4+4 data 8+8 tags 16+8 nr 24+4 resv2 28+4",
        "io_uring_buf 16: addr 0+8 len 8+4 bid 12+2 resv 14+2",
        "io_uring_buf_reg 40: ring_addr 0+8 ring_entries 8+4 bgid 12+2 flags 14+2 min_left 16+4",
        "io_uring_getevents_arg 24: sigmask 0+8 sigmask_sz 8+4 min_wait_usec 12+4 ts 16+8",
        "io_uring_probe 16: last_op 0+1 ops_len 1+1 resv 2+2 resv2 4+12",
        "io_uring_probe_op 8: op 0+1 resv 1+1 flags 2+2 resv2 4+4",
        "__kernel_timespec 16: tv_sec 0+8 tv_nsec 8+8",
    ];

    [Fact]
    public void Every_struct_has_its_layout() => Assert.Equal(s_layouts, Structs.Layouts.Select(layout => layout.ToString()));

    [Fact]
    public void No_struct_is_left_out()
    {
        IEnumerable<Type> structs = typeof(Ring).Assembly.GetTypes()
            .Where(type => type is { Namespace: "LibMultipath.IoUring.Abi", IsValueType: true, IsEnum: false, IsNested: false });
        Assert.Equal(structs.Select(type => type.Name).Order(), Structs.Layouts.Select(layout => layout.Name).Order());
    }
}
