using KernelAbi;
using LibMultipath.IoUring.Abi;

namespace LibMultipath.IoUring.Tests.Abi;

/// <summary>What a C compiler makes of the kernel's own header is what we have.</summary>
public sealed class HeaderTests
{
    // The header has a name for every operation's flags at that place; we have one for all.
    private static readonly Header s_header = new("""
        #include <linux/time_types.h>
        #include <linux/io_uring.h>
        #define op_flags rw_flags
        """);

    [HeadersFact]
    public void The_header_has_the_same_layouts() =>
        Assert.Equal(Structs.Layouts.Select(layout => layout.ToString()), s_header.Layouts(Structs.Layouts));

    [HeadersFact]
    public void The_header_has_the_same_constants() =>
        Assert.Equal(HeaderConstants.All, s_header.Constants(HeaderConstants.All.Select(constant => constant.Name)));

    [HeadersFact]
    public void A_command_of_a_driver_is_where_the_header_has_it() =>
        Assert.Equal(CommandOffset(), s_header.Value("offsetof(struct io_uring_sqe, cmd)"));

    private static unsafe ulong CommandOffset()
    {
        io_uring_sqe sqe = default;
        return (ulong)((byte*)sqe.Command - (byte*)&sqe);
    }
}
