using LibMultipath.Block;
using LibMultipath.Paths;

namespace LibMultipath.Tests.Paths;

/// <summary>The fast-fail of a head: it goes by what its paths are, whoever drives them.</summary>
public sealed class FastFailTests
{
    private const int Begun = 312;
    private const int Ended = 313;

    private static readonly TimeSpan s_tick = TimeSpan.FromTicks(1);
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);
    private static readonly FailureTimes s_times = new() { FastIoFail = s_limit };

    [Fact]
    public void By_default_io_waits_however_long_it_takes()
    {
        using Rig rig = new(2);
        rig.LoseAll();
        Io io = rig.Submit();

        rig.Pass(FailureTimes.Longest);

        Assert.False(io.HasEnded);
        Assert.False(rig.Head.IsFastFailExpired);
    }

    [Fact]
    public void Io_that_waits_and_new_io_fail_when_no_path_has_been_usable_for_that_long()
    {
        using Rig rig = NewRig();
        rig.LoseAll();
        Io io = rig.Submit();
        rig.Pass(s_limit - s_tick);
        Assert.False(io.HasEnded);
        Assert.False(rig.Head.IsFastFailExpired);

        rig.Pass(s_tick);

        io.AssertEnded(BlockStatus.IoError);
        Assert.True(rig.Head.IsFastFailExpired);
        Assert.False(rig.Head.IsAvailable);
        rig.Submit().AssertEnded(BlockStatus.IoError);
        Assert.Equal(2, rig.Head.FailNoAvailablePathCount);
        Assert.Equal(1, rig.Log.Count(Begun));
    }

    [Fact]
    public void The_time_counts_from_when_the_last_path_became_unusable()
    {
        using Rig rig = NewRig();
        rig.Paths[0].SetDown();
        rig.Pass(10 * s_limit);
        Assert.Equal(1, rig.Pick());
        rig.Paths[1].SetDown();
        rig.Pass(s_limit - s_tick);
        Io io = rig.Submit();
        rig.Pass(TimeSpan.Zero);
        Assert.False(io.HasEnded);

        rig.Pass(s_tick);

        io.AssertEnded(BlockStatus.IoError);
    }

    [Fact]
    public void A_path_that_becomes_usable_in_time_begins_it_anew()
    {
        using Rig rig = NewRig();
        rig.LoseAll();
        rig.Pass(s_limit - s_tick);
        rig.Paths[0].AccessState = MpathAccessState.Optimized;
        Assert.Equal(0, rig.Time.ArmedTimers);
        rig.LoseAll();
        Io io = rig.Submit();

        rig.Pass(s_limit - s_tick);
        Assert.False(io.HasEnded);
        rig.Pass(s_tick);
        io.AssertEnded(BlockStatus.IoError);
    }

    [Fact]
    public void A_path_that_becomes_usable_ends_it_and_io_waits_again_when_it_goes()
    {
        using Rig rig = NewRig();
        rig.LoseAll();
        rig.Pass(s_limit);
        rig.Paths[1].AccessState = MpathAccessState.NonOptimized;
        Assert.False(rig.Head.IsFastFailExpired);
        Assert.Equal(1, rig.Pick());

        rig.LoseAll();
        Io io = rig.Submit();
        Assert.False(io.HasEnded);
        Assert.Equal((1, 1), (rig.Log.Count(Begun), rig.Log.Count(Ended)));
        rig.Pass(s_limit);
        io.AssertEnded(BlockStatus.IoError);
    }

    public static TheoryData<string> Ways => ["down", "access state", "controller", "access state error", "capacity", "removed"];

    [Theory]
    [MemberData(nameof(Ways))]
    public void It_counts_in_whatever_way_the_last_path_went(string way)
    {
        using Rig rig = new(1, delay: 1000);
        rig.Head.FailureTimes = s_times;
        MpathDevice path = rig.Paths[0];
        switch (way)
        {
            case "down": path.SetDown(); break;
            case "access state": path.AccessState = MpathAccessState.Other; break;
            case "controller": path.Controller.State = MpathControllerState.Resetting; break;
            case "capacity": rig.Head.Revalidate(4096); break;
            case "removed": rig.Head.Remove(path); break;
            default:
                rig[0].OnSubmit = attempt => attempt.FailAccessState(BlockStatus.Transport);
                rig.Submit();
                break;
        }

        rig.Work.RunAll();
        Io io = rig.Submit();
        rig.Pass(s_limit - s_tick);
        Assert.False(io.HasEnded);
        rig.Pass(s_tick);

        io.AssertEnded(BlockStatus.IoError);
        Assert.True(rig.Head.QueuesWithoutPath);
        rig.Head.FailureTimes = new FailureTimes();
        rig.Head.DelayedRemovalSecs = 0;
    }

    [Fact]
    public void Without_paths_the_removal_or_the_fast_fail_is_first_whichever_is_shorter()
    {
        RemovingTemplate template = new();
        using Rig rig = new(1, template: template, delay: 3);
        rig.Head.FailureTimes = s_times;
        Io first = rig.Submit();
        rig.Head.Remove(rig.Paths[0]);
        template.OnRemove = _ => rig.Disk.Remove();
        Io io = rig.Submit();
        rig.Pass(TimeSpan.FromSeconds(3));
        io.AssertEnded(BlockStatus.IoError);
        first.AssertEnded(BlockStatus.Ok);
        Assert.False(rig.Head.IsFastFailExpired);
        Assert.Equal(1, template.Removals);
    }

    [Fact]
    public void A_path_that_is_added_after_it_ends_it_once_it_is_live()
    {
        using Rig rig = new(1, delay: 1000);
        rig.Head.FailureTimes = s_times;
        rig.Head.Remove(rig.Paths[0]);
        rig.Pass(s_limit);
        Assert.True(rig.Head.IsFastFailExpired);
        Assert.True(rig.Head.IsRemovalPending);

        MpathDevice path = rig.NewPath();
        rig.Head.Add(path);
        Assert.True(rig.Head.IsFastFailExpired);
        path.SetLive();

        Assert.False(rig.Head.IsFastFailExpired);
        Assert.Equal(1, rig.Pick());
    }

    [Fact]
    public void A_time_that_is_set_while_no_path_is_usable_counts_from_when_none_was()
    {
        using Rig rig = new(2);
        rig.LoseAll();
        Io io = rig.Submit();
        rig.Pass(s_limit / 2);
        rig.Head.FailureTimes = s_times;
        rig.Pass((s_limit / 2) - s_tick);
        Assert.False(io.HasEnded);
        rig.Pass(s_tick);
        io.AssertEnded(BlockStatus.IoError);
    }

    [Fact]
    public void A_time_that_is_set_shorter_than_has_passed_fails_io_at_once()
    {
        using Rig rig = new(2);
        rig.Head.FailureTimes = new FailureTimes { FastIoFail = 100 * s_limit };
        rig.LoseAll();
        Io io = rig.Submit();
        rig.Pass(s_limit);

        rig.Head.FailureTimes = s_times;
        rig.Work.RunAll();

        io.AssertEnded(BlockStatus.IoError);
        Assert.Equal(0, rig.Time.ArmedTimers);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_time_that_is_switched_off_or_made_longer_lets_io_wait_again(bool off)
    {
        using Rig rig = NewRig();
        rig.LoseAll();
        rig.Pass(s_limit);
        rig.Submit().AssertEnded(BlockStatus.IoError);

        rig.Head.FailureTimes = new FailureTimes { FastIoFail = off ? Timeout.InfiniteTimeSpan : 3 * s_limit };
        Io io = rig.Submit();

        Assert.False(io.HasEnded);
        rig.Pass(2 * s_limit);
        Assert.Equal(!off, io.HasEnded);
    }

    [Fact]
    public void With_a_time_of_zero_io_never_waits()
    {
        using Rig rig = new(2);
        rig.Head.FailureTimes = new FailureTimes { FastIoFail = TimeSpan.Zero };
        rig.LoseAll();
        rig.Submit().AssertEnded(BlockStatus.IoError);
        rig.Paths[0].AccessState = MpathAccessState.Optimized;
        Assert.Equal(0, rig.Pick());
    }

    [Fact]
    public void Paths_that_work_and_are_held_are_no_reason()
    {
        using Rig rig = NewRig();
        rig.Head.BeginHold();
        Io io = rig.Submit();
        rig.Pass(10 * s_limit);
        Assert.False(rig.Head.IsFastFailExpired);
        rig.Head.EndHold();
        rig.Work.RunAll();
        io.AssertEnded(BlockStatus.Ok);
    }

    [Fact]
    public void A_path_that_works_and_cannot_be_let_in_is_not_usable()
    {
        using Rig rig = NewRig();
        rig.Head.BeginAdmission(new NoAdmission());
        Io io = rig.Submit();
        rig.Pass(10 * s_limit);
        Assert.False(rig.Head.IsFastFailExpired);

        foreach (MpathDevice path in rig.Paths)
        {
            path.AdmissionFailed = true;
        }

        rig.Pass(s_limit);
        io.AssertEnded(BlockStatus.IoError);
        rig.Head.EndAdmission();
        Assert.False(rig.Head.IsFastFailExpired);
    }

    [Fact]
    public void A_head_that_is_gone_leaves_no_timer()
    {
        Rig rig = NewRig();
        rig.LoseAll();
        Assert.Equal(1, rig.Time.ArmedTimers);
        rig.Dispose();
        rig.Paths[0].SetDown();
        Assert.Equal(0, rig.Time.ArmedTimers);
    }

    [Fact]
    public async Task A_path_that_becomes_usable_while_the_time_ends_strands_no_io()
    {
        for (int round = 0; round < 200; round++)
        {
            using Rig rig = NewRig();
            rig.LoseAll();
            Io before = rig.Submit();
            Io? during = null;
            await Task.WhenAll(
                Task.Run(() => rig.Time.Advance(s_limit)),
                Task.Run(() => rig.Paths[0].AccessState = MpathAccessState.Optimized),
                Task.Run(() => during = rig.Submit()));

            rig.Work.RunAll();

            Assert.True(before.HasEnded && during!.HasEnded, "An I/O was left behind.");
            Assert.False(rig.Head.IsFastFailExpired);
            Assert.Equal(0, rig.Time.ArmedTimers);
            Assert.Equal(0, rig.Pick());
        }
    }

    private static Rig NewRig()
    {
        Rig rig = new(2);
        rig.Head.FailureTimes = s_times;
        return rig;
    }

    private sealed class NoAdmission : IPathAdmission
    {
        public void PathChanged()
        {
        }
    }
}
