using LibMultipath.IoUring.Tests.Kit;

namespace LibMultipath.IoUring.Tests.Rings;

public sealed class DescriptorTests
{
    private const string Reason = "Too many open files (EMFILE); the process has too many descriptors open: raise the limit with ulimit -n or LimitNOFILE=";

    [Fact]
    public void Without_descriptors_there_is_no_ring_and_no_loop_but_the_limit_and_what_to_do_and_no_leak() => Assert.Equal(
        $"""
        0 for a ring: making a ring (io_uring_setup): {Reason}; 0 leaked
        0 for a loop: making a ring (io_uring_setup): {Reason}; 0 leaked
        1 for a ring: it works; 0 leaked
        1 for a loop: making an event counter (eventfd): {Reason}; 0 leaked
        2 for a ring: it works; 0 leaked
        2 for a loop: it works; 0 leaked

        """,
        FewDescriptors.Run());
}
