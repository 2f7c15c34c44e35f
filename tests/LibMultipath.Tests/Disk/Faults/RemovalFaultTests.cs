using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Disk.Faults;

/// <summary>The faults of the proposed kernel library that concern the delayed removal of a head, a test for each under its number.</summary>
public sealed class RemovalFaultTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    [Fact]
    public void F10_a_hold_that_was_not_taken_is_not_given_back()
    {
        ModuleTemplate template = new();
        using Rig rig = new(1, template: template);
        rig.AddPath();
        rig.Head.DelayedRemovalSecs = 5;
        rig.Head.DelayedRemovalSecs = 0;
        rig.Head.Remove(rig.Paths[0]);
        rig.Head.Remove(rig.Paths[1]);

        // The template fails the test if a hold is put that was not taken.
        Assert.Equal(0, template.Asked);
        Assert.Equal(0, template.Holds);
    }

    [Fact]
    public void F11_the_hold_is_dropped_when_a_path_comes_back_in_time()
    {
        ModuleTemplate template = new();
        using Rig rig = new(1, template: template, delay: 10);
        for (int i = 0; i < 5; i++)
        {
            rig.Head.Remove(rig.Paths[i]);
            Assert.Equal(1, template.Holds);
            rig.AddPath();
            Assert.Equal(0, template.Holds);
        }
    }

    [Theory]
    [InlineData(4_294_968u)]
    [InlineData(uint.MaxValue)]
    public void F21_seconds_that_no_timer_can_take_are_refused(uint seconds)
    {
        using Rig rig = new(1, delay: 3);

        Assert.Throws<ArgumentOutOfRangeException>(() => rig.Head.DelayedRemovalSecs = seconds);
        rig.Head.DelayedRemovalSecs = 4_294_967;
        rig.Head.Remove(rig.Paths[0]);

        Assert.Equal(TimeSpan.FromSeconds(4_294_967), rig.Time.NextDue);
    }

    [Fact]
    public void F22_no_timer_outlives_a_store_of_0()
    {
        RemovingTemplate template = new();
        using Rig rig = new(1, template: template, delay: 100);
        rig.Head.Remove(rig.Paths[0]);
        Assert.Equal(1, rig.Time.ArmedTimers);

        rig.Head.DelayedRemovalSecs = 0;

        Assert.Equal(0, rig.Time.ArmedTimers);
        rig.Work.RunAll();
        Assert.Equal(1, template.Removals);
        rig.Pass(1000 * s_second);
        Assert.Equal(1, template.Removals);
    }

    [Fact]
    public void F23_the_removal_works_on_a_head_that_never_had_a_disk_nor_a_path()
    {
        RemovingTemplate template = new();
        using Rig rig = new(0, template: template, withDisk: false);
        rig.Head.DelayedRemovalSecs = 0;
        rig.Head.DelayedRemovalSecs = 5;
        rig.AddPath(MpathAccessState.Other);
        rig.Head.Remove(rig.Paths[0]);
        rig.Pass(5 * s_second);

        Assert.Equal(1, template.Removals);
    }

    [Fact]
    public void F24_the_removal_looks_again_whether_the_list_is_empty()
    {
        RemovingTemplate template = new();
        using Rig rig = new(1, template: template, delay: 10);
        rig.Head.Remove(rig.Paths[0]);
        rig.Time.Advance(10 * s_second);

        rig.AddPath();
        rig.Work.RunAll();

        Assert.Equal(0, template.Removals);
        Assert.Equal(0, template.Holds);
        Assert.True(rig.Disk.IsLive);
        Assert.Equal(1, rig.Pick());

        // What decides is the list, also while a path that is in it has not cancelled the removal yet.
        Assert.False(rig.Head.TryBeginRemoval());
    }

    [Fact]
    public async Task F24_a_path_that_is_added_while_the_head_is_removed_is_in_or_refused()
    {
        for (int round = 0; round < 200; round++)
        {
            RemovingTemplate template = new();
            using Rig rig = new(1, template: template, delay: 1);
            MpathDevice path = rig.NewPath();
            rig.Head.Remove(rig.Paths[0]);
            rig.Time.Advance(s_second);
            Task<bool> adding = Task.Run(() =>
            {
                try
                {
                    rig.Head.Add(path);
                    return true;
                }
                catch (BlockException refusal)
                {
                    Assert.Equal(Errno.ENXIO, refusal.Errno);
                    return false;
                }
            });
            Task removing = Task.Run(rig.Work.RunAll);
            await removing;

            bool added = await adding;
            Assert.Equal(added ? 0 : 1, template.Removals);
            Assert.Equal(added ? 1 : 0, rig.Head.PathCount);
            Assert.False(rig.Head.IsRemovalPending);
            Assert.Equal(0, template.Holds);
        }
    }

    [Fact]
    public void F31_a_path_that_is_added_cancels_the_removal_before_it_is_even_live()
    {
        RemovingTemplate template = new();
        using Rig rig = new(1, template: template, delay: 10);
        rig.Head.Remove(rig.Paths[0]);

        rig.Head.Add(rig.NewPath());

        Assert.False(rig.Head.IsRemovalPending);
        rig.Pass(100 * s_second);
        Assert.Equal(0, template.Removals);
        rig.Paths[1].SetLive();
        Assert.Equal(1, rig.Pick());
    }
}
