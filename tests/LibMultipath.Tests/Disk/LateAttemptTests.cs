using LibMultipath.Block;
using LibMultipath.Tests.Kit;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Disk;

/// <summary>An attempt that the driver gets after a removal has asked for all of them is asked back too.</summary>
public sealed class LateAttemptTests
{
    [Fact]
    public async Task A_removal_does_not_wait_for_an_attempt_that_came_after_it_had_asked()
    {
        using var rig = new Rig(paths: 2);
        using var asked = new ManualResetEventSlim();
        using var begun = new ManualResetEventSlim();
        rig[0].Hold = true;
        rig[0].OnAbortAll = asked.Set;
        rig[0].OnAbort = attempt => rig[0].Take().FailPath(BlockStatus.Transport);

        // The attempt has begun, and the driver gets it only when it has been asked for all it has.
        rig[0].OnAttempt = _ =>
        {
            begun.Set();
            Assert.True(asked.Wait(Eventually.Limit));
        };
        Io? io = null;
        Task submission = Task.Run(() => io = rig.Submit());
        Assert.True(begun.Wait(Eventually.Limit));

        await rig.Head.RemoveAsync(rig.Paths[0]).WaitAsync(Eventually.Limit);
        await submission.WaitAsync(Eventually.Limit);
        rig.Work.RunAll();

        io!.AssertEnded(BlockStatus.Ok);
        Assert.Equal(1, rig[0].Aborts);
        Assert.Equal([0, 1], rig.Picks);
        Assert.Equal(1, rig.Head.FailoverCount);
    }
}
