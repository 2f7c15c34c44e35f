using KernelAbi;
using LibMultipath.RingBuffer.Interop;

namespace LibMultipath.RingBuffer.Tests.Abi;

/// <summary>The structs are where the C library and the ring's memory have them, for ever.</summary>
public sealed class LayoutTests
{
    private static readonly Type[] s_structs = [typeof(flock), typeof(timespec), typeof(iovec), typeof(msghdr), typeof(cmsghdr), typeof(pollfd)];

    private static readonly string[] s_layouts =
    [
        "flock 32: l_type 0+2 l_whence 2+2 l_start 8+8 l_len 16+8 l_pid 24+4",
        "timespec 16: tv_sec 0+8 tv_nsec 8+8",
        "iovec 16: iov_base 0+8 iov_len 8+8",
        "msghdr 56: msg_name 0+8 msg_namelen 8+4 msg_iov 16+8 msg_iovlen 24+8 msg_control 32+8 msg_controllen 40+8 msg_flags 48+4",
        "cmsghdr 16: cmsg_len 0+8 cmsg_level 8+4 cmsg_type 12+4",
        "pollfd 8: fd 0+4 events 4+2 revents 6+2",
    ];

    // What the system headers themselves say, of the machine that the test runs on.
    private static readonly Header s_header = new("""
        #include <linux/fcntl.h>
        #include <linux/memfd.h>
        #include <poll.h>
        #include <time.h>
        #include <sys/mman.h>
        #include <sys/socket.h>
        #include <sys/syscall.h>
        #include <sys/uio.h>
        #include <linux/futex.h>
        #include <linux/bpf.h>
        """);

    [Fact]
    public void Every_struct_has_its_layout() => Assert.Equal(s_layouts, s_structs.Select(type => Layout.Of(type).ToString()));

    [Fact]
    public void No_struct_is_left_out() => Assert.Equal(
        s_structs.Select(type => type.Name).Order(),
        typeof(UserRingBuffer).Assembly.GetTypes()
            .Where(type => type is { Namespace: "LibMultipath.RingBuffer.Interop", IsValueType: true, IsNested: false })
            .Select(type => type.Name).Order());

    [HeadersFact]
    public void The_headers_have_the_same_layouts() => Assert.Equal(s_layouts, s_header.Layouts(s_structs.Select(Layout.Of)));

    [HeadersFact]
    public void The_headers_have_the_same_constants()
    {
        (string Name, ulong Value)[] ours =
        [
            ("PROT_NONE", (ulong)Libc.NoAccess), ("PROT_READ", (ulong)Libc.Read), ("PROT_READ | PROT_WRITE", (ulong)Libc.ReadWrite),
            ("MAP_SHARED", (ulong)Libc.Shared), ("MAP_FIXED", (ulong)Libc.Fixed), ("MAP_PRIVATE | MAP_ANONYMOUS", (ulong)Libc.PrivateAnonymous),
            ("MAP_NORESERVE", (ulong)Libc.NoReserve), ("MAP_POPULATE", (ulong)Libc.Populate),
            ("F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW", (ulong)Libc.Seals),
            ("F_WRLCK", (ulong)flock.WriteLock), ("F_UNLCK", (ulong)flock.Unlock),
            ("BPF_RINGBUF_BUSY_BIT", RecordHeader.Busy), ("BPF_RINGBUF_DISCARD_BIT", RecordHeader.Discard), ("BPF_RINGBUF_HDR_SZ", RecordHeader.Size),
            ("BPF_RB_NO_WAKEUP", (ulong)UserRingDrainFlags.NoWakeup), ("BPF_RB_FORCE_WAKEUP", (ulong)UserRingDrainFlags.ForceWakeup),
            ("MFD_CLOEXEC", Libc.CloseOnExec), ("MFD_ALLOW_SEALING", Libc.AllowSealing), ("MFD_NOEXEC_SEAL", Libc.NoExecSeal),
            ("F_GETFL", Libc.GetFlags), ("F_OFD_GETLK", Libc.OfdGetLock), ("F_OFD_SETLK", Libc.OfdSetLock),
            ("F_ADD_SEALS", Libc.AddSeals), ("F_GET_SEALS", Libc.GetSeals),
            ("O_RDWR", Libc.OpenReadWrite), ("O_CLOEXEC", Libc.OpenCloseOnExec), ("O_ACCMODE", Libc.AccessMode), ("SEEK_END", Libc.End),
            ("SOL_SOCKET", Libc.SocketLevel), ("SCM_RIGHTS", Libc.Rights), ("MSG_NOSIGNAL", Libc.NoSignal), ("MSG_CMSG_CLOEXEC", Libc.CloseReceivedOnExec),
            ("POLLIN", (ulong)Libc.CanRead), ("POLLOUT", (ulong)Libc.CanWrite),
            ("FUTEX_WAIT", Futex.WaitOperation), ("FUTEX_WAKE", Futex.WakeOperation), ("SYS_futex", (ulong)Futex.Number),
        ];
        Assert.Equal(ours, s_header.Constants(ours.Select(constant => constant.Name)));
    }

    [Fact]
    public void The_positions_come_first_in_their_pages_and_nothing_shares_their_lines()
    {
        Assert.Equal("ConsumerPage 280: Position 0+8 InHand 8+8 Sleepers 128+4 Magic 256+8 Id 264+8 Size 272+8", Layout.Of(typeof(ConsumerPage)).ToString());
        Assert.Equal("ProducerPage 392: Position 0+8 Sleepers 128+4 Wakes 256+4 Id 384+8", Layout.Of(typeof(ProducerPage)).ToString());
    }

    [Theory]
    [InlineData(typeof(ProducerState), "Gate", "TakesTurns", "Consumed", "Size", "Data", "Producer", "Consumer")]
    [InlineData(typeof(ConsumerState), "Gate", "Drainer", "Next")]
    public void What_is_written_for_every_record_shares_no_line_with_anything_else(Type state, params string[] fields)
    {
        Assert.Equal(fields, state.GetFields().Where(field => !field.IsLiteral).Select(field => field.Name));
        Assert.All(state.GetFields().Where(field => !field.IsLiteral), field =>
            Assert.InRange((int)System.Runtime.InteropServices.Marshal.OffsetOf(state, field.Name), 128, 191));
        Assert.Equal(320, System.Runtime.InteropServices.Marshal.SizeOf(state));
    }
}
