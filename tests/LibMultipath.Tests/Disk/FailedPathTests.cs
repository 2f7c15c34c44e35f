using LibMultipath.Block;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Disk;

/// <summary>A bio that has failed on every usable path since the last change of any is over; no other is.</summary>
public sealed class FailedPathTests
{
    [Fact]
    public void An_attempt_from_before_its_path_went_down_and_came_back_does_not_count_against_the_path()
    {
        using var rig = new Rig(paths: 1);
        rig[0].Hold = true;
        Io io = rig.Submit();

        // The driver gives the attempt back late: the path has been opened anew meanwhile.
        rig.Paths[0].SetDown();
        rig.Paths[0].SetLive();
        rig.Work.RunAll();
        rig[0].Hold = false;
        rig[0].Take().FailPath(BlockStatus.Transport);
        rig.Work.RunAll();

        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal(1, rig.Paths[0].Statistics.Failovers);
    }

    [Fact]
    public void A_failure_since_the_path_came_back_does_count()
    {
        using var rig = new Rig(paths: 1);
        rig[0].Hold = true;
        Io io = rig.Submit();

        rig.Paths[0].SetDown();
        rig.Paths[0].SetLive();
        rig[0].Hold = false;
        rig[0].FailWith(BlockStatus.Offline);
        rig[0].Take().FailPath(BlockStatus.Transport);
        rig.Work.RunAll();

        io.AssertEnded(BlockStatus.Offline);
        Assert.Equal([0, 0], rig.Picks);
    }

    [Fact]
    public void A_bio_that_waits_is_not_held_to_have_failed_on_a_path_that_comes_back()
    {
        using var rig = new Rig(paths: 2);
        rig.Paths[1].SetDown();
        rig[0].Hold = true;
        Io io = rig.Submit();
        rig.Paths[0].SetDown();
        rig[0].Hold = false;
        rig[0].Take().FailPath(BlockStatus.Transport);
        rig.Work.RunAll();
        Assert.False(io.HasEnded);

        rig.Paths[0].SetLive();
        rig.Work.RunAll();

        io.AssertEnded(BlockStatus.Ok);
    }

    [Fact]
    public void A_bio_that_every_usable_path_fails_ends_with_the_last_error()
    {
        using var rig = new Rig(paths: 3);
        rig[0].FailWith(BlockStatus.Transport);
        rig[1].FailWith(BlockStatus.Timeout);
        rig.Paths[2].SetDown();
        Io io = rig.Submit();
        rig.Work.RunAll();

        io.AssertEnded(BlockStatus.Timeout);
        Assert.Equal([0, 1], rig.Picks);
    }
}
