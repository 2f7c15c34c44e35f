using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Disk;

public sealed class RetryTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    // When the driver names no other.
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(3);

    [Theory]
    [InlineData(BlockStatus.Resource)]
    [InlineData(BlockStatus.DeviceResource)]
    [InlineData(BlockStatus.ZoneResource)]
    [InlineData(BlockStatus.Again)]
    public void A_shortage_is_retried_on_the_same_path_five_times_and_then_final(BlockStatus status)
    {
        using Rig rig = new(2);
        rig[0].OnSubmit = attempt => attempt.End(status);

        Io io = rig.Submit();
        for (int i = 1; i <= 5; i++)
        {
            Assert.False(io.HasEnded);
            Assert.Equal(i, rig.Picks.Count);
            rig.Time.Advance(s_pause);
        }

        io.AssertEnded(status);
        Assert.Equal([0, 0, 0, 0, 0, 0], rig.Picks);
        Assert.Equal(5, rig.Paths[0].Statistics.Retries);
        Assert.Equal(1, rig.Paths[0].Statistics.Errors);
        Assert.Equal(0, rig.Paths[0].Statistics.Failovers);
    }

    [Fact]
    public void A_retry_waits_as_long_as_the_driver_said()
    {
        using Rig rig = new(1);
        rig[0].Hold = true;
        Io io = rig.Submit();
        rig[0].Take().RetryHere(BlockStatus.Resource, 3 * s_second);

        rig.Time.Advance((3 * s_second) - TimeSpan.FromMilliseconds(1));
        Assert.Empty(rig[0].Held);
        rig.Time.Advance(TimeSpan.FromMilliseconds(1));

        rig[0].Take().Complete(BlockStatus.Ok);
        io.AssertEnded(BlockStatus.Ok);
    }

    [Fact]
    public void A_retry_stays_on_its_path_although_the_policy_would_take_another_one()
    {
        using Rig rig = new(2);
        rig.Paths[0].AccessState = MpathAccessState.NonOptimized;
        rig.Paths[1].AccessState = MpathAccessState.NonOptimized;
        int shortages = 1;
        rig[0].OnSubmit = attempt => attempt.End(shortages-- > 0 ? BlockStatus.Resource : BlockStatus.Ok);
        Io io = rig.Submit();

        rig.Paths[1].AccessState = MpathAccessState.Optimized;
        rig.Time.Advance(s_second);

        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal([0, 0], rig.Picks);
    }

    [Fact]
    public void A_retry_whose_path_cannot_be_used_any_more_goes_elsewhere()
    {
        using Rig rig = new(2);
        rig[0].OnSubmit = attempt => attempt.End(BlockStatus.Resource);
        Io io = rig.Submit();

        rig.Paths[0].SetDown();
        rig.Time.Advance(s_second);

        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal([0, 1], rig.Picks);
    }

    [Fact]
    public void A_retry_whose_path_is_removed_goes_elsewhere_at_once()
    {
        using Rig rig = new(2);
        rig[0].OnSubmit = attempt => attempt.RetryHere(BlockStatus.Resource, 100 * s_second);
        Io io = rig.Submit();

        rig.Head.Remove(rig.Paths[0]);

        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal([0, 1], rig.Picks);
    }

    [Fact]
    public void Retries_count_over_all_paths_of_a_submission_and_start_over_with_the_next()
    {
        using Rig rig = new(2);
        int shortages = 3;
        rig[0].OnSubmit = attempt =>
        {
            if (shortages-- > 0)
            {
                attempt.RetryHere(BlockStatus.Resource);
            }
            else
            {
                attempt.FailPath(BlockStatus.Transport);
            }
        };
        rig[1].OnSubmit = attempt => attempt.RetryHere(BlockStatus.DeviceResource);

        Io io = rig.Submit();
        for (int i = 0; i < 10; i++)
        {
            rig.Time.Advance(s_second);
            rig.Work.RunAll();
        }

        io.AssertEnded(BlockStatus.DeviceResource);
        Assert.Equal([0, 0, 0, 0, 1, 1, 1], rig.Picks);

        rig.Picks.Clear();
        shortages = 5;
        rig[0].OnSubmit = attempt => attempt.End(shortages-- > 0 ? BlockStatus.Resource : BlockStatus.Ok);
        rig.Disk.Submit(io.Bio);
        rig.Time.Advance(5 * s_second);
        Assert.Equal(6, rig.Picks.Count);
        Assert.Equal(BlockStatus.Ok, io.Status);
    }

    [Fact]
    public void The_next_submission_of_a_bio_knows_nothing_of_the_path_that_was_to_retry_it()
    {
        using Rig one = new(1);
        using Rig other = new(2);
        one[0].OnSubmit = attempt => attempt.RetryHere(BlockStatus.Resource, s_second);
        Io io = one.Submit();
        one.Disk.Remove();
        one.Time.Advance(s_second);
        io.AssertEnded(BlockStatus.IoError);
        one[0].OnSubmit = null;

        other[0].FailWith(BlockStatus.Transport);
        other.Disk.Submit(io.Bio);
        other.Work.RunAll();

        Assert.Equal(BlockStatus.Ok, io.Status);
        Assert.Equal([0], one.Picks);
        Assert.Equal([0, 1], other.Picks);
    }
}
