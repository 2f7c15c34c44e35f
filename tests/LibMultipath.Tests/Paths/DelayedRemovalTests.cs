using LibMultipath.Block;
using LibMultipath.Paths;

namespace LibMultipath.Tests.Paths;

public sealed class DelayedRemovalTests
{
    private const uint Longest = 4_294_967;
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Without_a_delay_the_head_goes_with_its_last_path()
    {
        RemovingTemplate template = new();
        using Rig rig = new(2, template: template);
        Assert.False(rig.Head.QueuesWithoutPath);
        rig.Head.Remove(rig.Paths[0]);
        Assert.Equal(0, template.Removals);

        rig.Head.Remove(rig.Paths[1]);

        Assert.Equal(1, template.Removals);
        Assert.Equal(0, template.Asked);
        Assert.False(rig.Head.IsRemovalPending);
        Assert.Equal(Errno.ENXIO, Assert.Throws<BlockException>(() => rig.AddPath()).Errno);
    }

    [Fact]
    public void Without_the_templates_help_the_disk_is_removed()
    {
        using Rig rig = new(1);
        rig.Head.Remove(rig.Paths[0]);
        Assert.False(rig.Disk.IsLive);
        rig.Submit().AssertEnded(BlockStatus.IoError);
    }

    [Fact]
    public void With_a_delay_the_head_stays_that_long_and_holds_its_driver()
    {
        RemovingTemplate template = new();
        using Rig rig = new(1, template: template, delay: 10);
        Assert.True(rig.Head.QueuesWithoutPath);

        rig.Head.Remove(rig.Paths[0]);

        Assert.True(rig.Head.IsRemovalPending);
        Assert.Equal(1, template.Holds);
        Io io = rig.Submit();
        rig.Pass((10 * s_second) - TimeSpan.FromTicks(1));
        Assert.Equal(0, template.Removals);
        Assert.False(io.HasEnded);

        template.OnRemove = head =>
        {
            Assert.Equal(1, template.Holds);
            rig.Disk.Remove();
        };
        rig.Pass(TimeSpan.FromTicks(1));

        Assert.Equal(1, template.Removals);
        Assert.Equal(0, template.Holds);
        Assert.False(rig.Head.IsRemovalPending);
        io.AssertEnded(BlockStatus.IoError);
        Assert.Throws<BlockException>(() => rig.AddPath());
    }

    [Fact]
    public void A_path_that_comes_in_time_cancels_the_removal_and_lets_the_io_go_on()
    {
        RemovingTemplate template = new();
        using Rig rig = new(1, template: template, delay: 10);
        rig.Head.Remove(rig.Paths[0]);
        Io io = rig.Submit();
        rig.Time.Advance(9 * s_second);

        rig.AddPath();

        Assert.False(rig.Head.IsRemovalPending);
        Assert.Equal(0, template.Holds);
        Assert.Equal(0, rig.Time.ArmedTimers);
        rig.Work.RunAll();
        io.AssertEnded(BlockStatus.Ok);
        rig.Pass(100 * s_second);
        Assert.Equal(0, template.Removals);
    }

    [Fact]
    public void The_work_of_a_cancelled_removal_does_not_shorten_the_next_wait()
    {
        RemovingTemplate template = new();
        using Rig rig = new(1, template: template, delay: 10);
        rig.Head.Remove(rig.Paths[0]);
        rig.Time.Advance(10 * s_second);
        rig.AddPath();
        rig.Head.Remove(rig.Paths[1]);

        rig.Work.RunAll();

        Assert.Equal(0, template.Removals);
        Assert.True(rig.Head.IsRemovalPending);
        Assert.Equal(1, template.Holds);
        rig.Pass(10 * s_second);
        Assert.Equal(1, template.Removals);
    }

    [Fact]
    public void Storing_0_lets_a_pending_removal_happen_now()
    {
        RemovingTemplate template = new();
        using Rig rig = new(1, template: template, delay: 1000);
        rig.Head.Remove(rig.Paths[0]);
        Io io = rig.Submit();

        rig.Head.DelayedRemovalSecs = 0;
        rig.Work.RunAll();

        Assert.Equal(1, template.Removals);
        Assert.Equal(0, template.Holds);
        Assert.Equal(0, rig.Time.ArmedTimers);
        io.AssertEnded(BlockStatus.IoError);
    }

    [Fact]
    public void Storing_0_with_nothing_pending_only_ends_the_queueing()
    {
        using Rig rig = new(1, delay: 1000);
        rig.Head.DelayedRemovalSecs = 0;
        Assert.False(rig.Head.QueuesWithoutPath);
        rig.Work.RunAll();
        rig.Submit().AssertEnded(BlockStatus.Ok);
    }

    [Theory]
    [InlineData(Longest + 1)]
    [InlineData(uint.MaxValue)]
    public void A_delay_that_no_timer_can_take_is_refused_and_changes_nothing(uint seconds)
    {
        using Rig rig = new(1, delay: 7);
        Assert.Throws<ArgumentOutOfRangeException>(() => rig.Head.DelayedRemovalSecs = seconds);
        Assert.Equal(7u, rig.Head.DelayedRemovalSecs);
        Assert.Throws<ArgumentOutOfRangeException>(() => new MpathHead("x", new TestTemplate(), new MpathHeadOptions { DelayedRemovalSecs = seconds }));
    }

    [Fact]
    public void The_longest_delay_works()
    {
        RemovingTemplate template = new();
        using Rig rig = new(1, template: template, delay: Longest);
        rig.Head.Remove(rig.Paths[0]);
        rig.Pass((Longest * s_second) - s_second);
        Assert.Equal(0, template.Removals);
        rig.Pass(s_second);
        Assert.Equal(1, template.Removals);
    }

    [Fact]
    public void A_driver_that_is_going_is_not_held_and_the_head_goes_at_once()
    {
        RemovingTemplate template = new() { IsGoing = true };
        using Rig rig = new(1, template: template, delay: 10);

        rig.Head.Remove(rig.Paths[0]);

        Assert.Equal(1, template.Asked);
        Assert.Equal(0, template.Holds);
        Assert.Equal(1, template.Removals);
        Assert.Equal(0, rig.Time.ArmedTimers);
    }

    [Fact]
    public void A_removal_that_throws_is_logged_and_gives_the_hold_back()
    {
        RemovingTemplate template = new() { OnRemove = _ => throw new InvalidOperationException("bad driver") };
        using Rig rig = new(1, template: template, delay: 10);
        rig.Head.Remove(rig.Paths[0]);

        rig.Pass(10 * s_second);

        Assert.Equal(0, template.Holds);
        Assert.Equal(1, rig.Log.Count(304));
    }

    [Fact]
    public void The_driver_may_free_the_head_from_the_removal_and_is_held_until_it_has_returned()
    {
        RemovingTemplate template = new();
        Rig rig = new(1, template: template, delay: 10);
        int holds = 0;
        template.OnRemove = head =>
        {
            rig.Disk.Dispose();
            head.Dispose();
            Assert.False(head.TryGet());
            holds = template.Holds;
        };
        rig.Head.Remove(rig.Paths[0]);
        rig.Pass(10 * s_second);

        Assert.Equal(1, template.Removals);
        Assert.Equal(1, holds);
        Assert.Equal(0, template.Holds);
        rig.Dispose();
    }

    [Fact]
    public void A_head_that_is_freed_while_it_waits_gives_the_hold_back_and_nothing_runs_after()
    {
        RemovingTemplate template = new();
        Rig rig = new(1, template: template, delay: 10);
        rig.Head.Remove(rig.Paths[0]);

        rig.Dispose();

        Assert.Equal(0, template.Holds);
        rig.Pass(100 * s_second);
        Assert.Equal(0, template.Removals);
    }

    [Fact]
    public void A_path_that_comes_while_the_last_one_goes_keeps_the_head_and_leaves_nothing_pending()
    {
        RemovingTemplate template = new();
        using Rig rig = new(1, template: template, delay: 10);
        rig[0].OnRelease = () => rig.AddPath();

        rig.Head.Remove(rig.Paths[0]);

        Assert.False(rig.Head.IsRemovalPending);
        Assert.Equal(0, template.Holds);
        rig.Pass(100 * s_second);
        Assert.Equal(0, template.Removals);
        Assert.Equal(1, rig.Pick());
    }

    [Fact]
    public async Task Paths_that_come_and_go_at_the_same_time_leave_what_the_list_says()
    {
        for (int round = 0; round < 100; round++)
        {
            RemovingTemplate template = new();
            using Rig rig = new(1, template: template, delay: 10);
            MpathDevice next = rig.NewPath();
            await Task.WhenAll(
                Task.Run(() => rig.Head.Remove(rig.Paths[0])),
                Task.Run(() => rig.Head.Add(next)));

            Assert.Equal([next], rig.Head.Paths);
            Assert.False(rig.Head.IsRemovalPending);
            Assert.Equal(0, template.Holds);
        }
    }
}
