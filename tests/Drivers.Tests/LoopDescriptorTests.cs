using Drivers.Tests.Kit;
using LibMultipath.IoUring.Tests.Kit;

namespace Drivers.Tests;

public sealed class LoopDescriptorTests : IDisposable
{
    private const string Many = "the process has too many descriptors open";
    private const string Raise = "raise the limit with ulimit -n or LimitNOFILE=";
    private const string NoFile = $"cannot be opened: {Many}; {Raise} (EMFILE)";
    private const string NoRing = "cannot be used on a ring: making";
    private const string Reason = $"Too many open files (EMFILE); {Many}: {Raise} (EMFILE)";
    private const string NoThread = "cannot be started: descriptors, threads or memory are short; raise the limits with ulimit -n and -u, or LimitNOFILE= and TasksMax= (EAGAIN)";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Without_descriptors_there_is_no_path_on_a_ring_but_the_limit_and_what_to_do_and_no_leak()
    {
        string file = _folder.Make("disk", 1 << 20);
        Assert.Equal(
            $"""
            0 for a ring: {file} {NoFile}; 0 leaked
            1 for a ring: {file} {NoRing} a ring (io_uring_setup): {Reason}; 0 leaked
            2 for a ring: {file} {NoRing} an event counter (eventfd): {Reason}; 0 leaked
            3 for a ring: the thread path/ring {NoThread}; 0 leaked
            5 for a ring: Ok; 0 leaked
            2 for threads: the thread path/0 {NoThread}; 0 leaked
            0 to restore: {file} {NoFile}, then Ok; 0 leaked

            """,
            FewDescriptors.Run(file));
    }
}
