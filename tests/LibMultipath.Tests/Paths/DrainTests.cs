using LibMultipath.Block;
using LibMultipath.Tests.Kit;

namespace LibMultipath.Tests.Paths;

public sealed class DrainTests
{
    [Fact]
    public void A_path_with_nothing_under_way_is_drained_at_once()
    {
        using Rig rig = new(1);
        rig.Submit().AssertEnded(BlockStatus.Ok);
        Assert.True(rig.Paths[0].DrainAsync().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task What_is_under_way_is_waited_for_and_what_comes_after_is_not()
    {
        using Rig rig = new(1);
        rig[0].Hold = true;
        rig.Submit();
        rig.Submit();
        Task drained = rig.Paths[0].DrainAsync();
        rig.Submit();
        rig[0].Take().Complete(BlockStatus.Ok);
        Assert.False(drained.IsCompleted);
        rig[0].Take().Complete(BlockStatus.Ok);
        await drained.WaitAsync(Eventually.Limit);
        Assert.Equal(1, rig.Paths[0].InFlight);
        rig[0].Take().Complete(BlockStatus.Ok);
    }

    [Fact]
    public async Task A_path_that_is_down_and_drained_is_idle_while_others_work()
    {
        using Rig rig = new(2);
        rig[0].Hold = true;
        Io io = rig.Submit();
        rig.Paths[0].SetDown();
        Task drained = rig.Paths[0].DrainAsync();
        Assert.Equal([1, 1], rig.Pick(2));
        Assert.False(drained.IsCompleted);
        rig[0].FailHeld();
        await drained.WaitAsync(Eventually.Limit);
        Assert.Equal(0, rig.Paths[0].InFlight);
        rig.Work.RunAll();
        io.AssertEnded(BlockStatus.Ok);
    }

    [Fact]
    public async Task A_wait_can_be_given_up()
    {
        using Rig rig = new(1);
        rig[0].Hold = true;
        rig.Submit();
        using var cancellation = new CancellationTokenSource();
        Task drained = rig.Paths[0].DrainAsync(cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => drained);
        rig[0].Take().Complete(BlockStatus.Ok);
    }

    [Fact]
    public async Task A_path_that_was_removed_cannot_be_waited_for()
    {
        using Rig rig = new(1);
        rig.Head.Remove(rig.Paths[0]);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await rig.Paths[0].DrainAsync());
    }
}
