using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Selection;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Selection;

/// <summary>What queue-depth compares: the I/Os in flight of a controller.</summary>
public sealed class LoadTests
{
    [Theory]
    [InlineData("numa")]
    [InlineData("round-robin")]
    public void Load_is_not_counted_while_nobody_compares_it(string policy)
    {
        using Rig rig = Held(1, policy);

        rig.Submit();

        Assert.Equal(0, rig.Paths[0].Controller.ActiveCount);
        rig[0].Take().Complete(BlockStatus.Ok);
        Assert.Equal(0, rig.Paths[0].Controller.ActiveCount);
    }

    [Fact]
    public void Load_goes_up_with_every_start_and_down_with_every_end()
    {
        using Rig rig = Held(1, "queue-depth");
        MpathController controller = rig.Paths[0].Controller;

        rig.Submit();
        rig.Submit();
        Assert.Equal(2, controller.ActiveCount);
        rig[0].Take().Complete(BlockStatus.Ok);
        Assert.Equal(1, controller.ActiveCount);
        rig[0].Take().Complete(BlockStatus.Medium);
        Assert.Equal(0, controller.ActiveCount);
    }

    [Fact]
    public void What_was_started_before_the_policy_was_queue_depth_is_not_subtracted()
    {
        using Rig rig = Held(1, "numa");
        MpathController controller = rig.Paths[0].Controller;
        rig.Submit();
        rig.Head.Policy.Set(IoPolicies.QueueDepth);
        rig.Submit();
        Assert.Equal(1, controller.ActiveCount);

        rig[0].Take(0).Complete(BlockStatus.Ok);

        Assert.Equal(1, controller.ActiveCount);
        rig[0].Take().Complete(BlockStatus.Ok);
        Assert.Equal(0, controller.ActiveCount);
    }

    [Fact]
    public void What_was_started_while_the_policy_was_queue_depth_is_subtracted_later_too()
    {
        using Rig rig = Held(1, "queue-depth");
        MpathController controller = rig.Paths[0].Controller;
        rig.Submit();
        rig.Head.Policy.Set(IoPolicies.RoundRobin);
        rig.Submit();
        Assert.Equal(1, controller.ActiveCount);

        rig[0].Take().Complete(BlockStatus.Ok);
        Assert.Equal(0, controller.ActiveCount);
        rig[0].Take().Complete(BlockStatus.Ok);
        Assert.Equal(0, controller.ActiveCount);
    }

    [Fact]
    public void Load_starts_over_with_the_controller_and_never_goes_below_zero()
    {
        using Rig rig = Held(1, "queue-depth");
        MpathController controller = rig.Paths[0].Controller;
        rig.Submit();
        rig.Submit();

        controller.Initialize();

        Assert.Equal(0, controller.ActiveCount);
        rig[0].Take().Complete(BlockStatus.Ok);
        Assert.Equal(0, controller.ActiveCount);
        rig.Submit();
        Assert.Equal(1, controller.ActiveCount);
        rig[0].FailHeld();
    }

    [Fact]
    public void Load_belongs_to_the_attempt_not_to_the_bio()
    {
        using Rig rig = Held(2, "queue-depth");
        Io io = rig.Submit();
        Assert.Equal((1, 0), Loads(rig));

        rig[0].Take().FailPath(BlockStatus.Transport);
        Assert.Equal((0, 0), Loads(rig));
        rig.Work.RunAll();
        Assert.Equal((0, 1), Loads(rig));

        rig[1].Take().RetryHere(BlockStatus.Resource, TimeSpan.FromSeconds(1));
        Assert.Equal((0, 0), Loads(rig));
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((0, 1), Loads(rig));

        rig[1].Take().Complete(BlockStatus.Ok);
        Assert.Equal((0, 0), Loads(rig));
        io.AssertEnded(BlockStatus.Ok);
    }

    [Fact]
    public void A_second_end_of_an_attempt_subtracts_nothing()
    {
        using Rig rig = Held(1, "queue-depth");
        rig.Submit();
        rig.Submit();
        BioAttempt attempt = rig[0].Take();

        Assert.True(attempt.Complete(BlockStatus.Ok));
        Assert.False(attempt.Complete(BlockStatus.Ok));

        Assert.Equal(1, rig.Paths[0].Controller.ActiveCount);
        rig[0].FailHeld();
    }

    private static (int, int) Loads(Rig rig) => (rig.Paths[0].Controller.ActiveCount, rig.Paths[1].Controller.ActiveCount);

    private static Rig Held(int paths, string policy)
    {
        Rig rig = new(paths, IoPolicies.Parse(policy));
        for (int i = 0; i < paths; i++)
        {
            rig[i].Hold = true;
        }

        return rig;
    }
}
