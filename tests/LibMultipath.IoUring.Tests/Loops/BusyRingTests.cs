using LibMultipath.IoUring.Loops;
using LibMultipath.IoUring.Tests.Kit;
using LibMultipath.Tests.Kit;

namespace LibMultipath.IoUring.Tests.Loops;

/// <summary>A loop whose kernel takes nothing for a while.</summary>
public sealed class BusyRingTests
{
    [Fact]
    public void A_full_ring_that_the_kernel_does_not_empty_ends_no_turn()
    {
        var system = new BusySystem();
        using var loop = new RingLoop(new RingOptions { Entries = 4 }, system);
        loop.Attach();
        system.IsBusy = true;
        Operation[] operations = [.. Enumerable.Range(0, loop.Ring.SubmissionEntries).Select(_ => new Operation())];
        foreach (Operation operation in operations)
        {
            loop.Prepare(operation).PrepNop();
        }

        // There is no room for what would wake the thread, so it does not wait either.
        Exception? thrown = Record.Exception(() => loop.Poll(Timeout.InfiniteTimeSpan));
        system.IsBusy = false;
        Assert.Null(thrown);
        Eventually.True(
            () =>
            {
                loop.Poll(TimeSpan.Zero);
                return Array.TrueForAll(operations, operation => operation.Results is [0]);
            },
            "what was filled to be done");
    }

    [Fact]
    public void A_loop_is_quiet_when_neither_side_has_anything_for_the_other()
    {
        using var loop = new RingLoop();
        loop.Attach();
        Assert.True(loop.IsQuiet);
        var operation = new Operation();
        loop.Prepare(operation).PrepNop();
        Assert.False(loop.IsQuiet);
        loop.Ring.Submit();
        Assert.False(loop.IsQuiet);
        loop.Poll(TimeSpan.Zero);
        Assert.True(loop.IsQuiet);
    }

    [Fact]
    public void A_loop_whose_completions_come_by_themselves_is_never_quiet()
    {
        using var loop = new RingLoop(new RingOptions { SingleIssuer = false });
        loop.Attach();
        Assert.False(loop.IsQuiet);
    }
}
