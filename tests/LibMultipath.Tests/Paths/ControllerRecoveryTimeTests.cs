using LibMultipath.Block;
using LibMultipath.Paths;

namespace LibMultipath.Tests.Paths;

/// <summary>Times that are set while a controller is away.</summary>
public sealed class ControllerRecoveryTimeTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    [Fact]
    public void A_loss_time_that_is_set_shorter_than_has_passed_gives_up_at_once()
    {
        using RecoveryRig rig = new();
        rig.Lose();
        Io io = rig.Rig.Submit();
        rig.Live(30);

        rig.Controller.FailureTimes = new FailureTimes { Loss = 30 * s_second };
        rig.Rig.Work.RunAll();

        Assert.Equal(1, rig.Losses);
        io.AssertEnded(BlockStatus.IoError);
    }

    [Fact]
    public void A_loss_time_counts_from_the_loss_whenever_it_is_set()
    {
        using RecoveryRig rig = new();
        rig.Lose();
        rig.Live(30);
        rig.Controller.FailureTimes = new FailureTimes { Loss = 31 * s_second };
        rig.Live(0.75);
        Assert.Equal(0, rig.Losses);
        rig.Live(0.25);
        Assert.Equal(1, rig.Losses);
    }

    [Fact]
    public void A_loss_time_that_is_switched_off_never_comes()
    {
        using RecoveryRig rig = new(times: new FailureTimes { Loss = 5 * s_second, ReconnectDelay = 1000 * s_second });
        rig.Lose();
        rig.Live(4);
        rig.Controller.FailureTimes = rig.Controller.FailureTimes with { Loss = Timeout.InfiniteTimeSpan };
        rig.Pass(1_000_000);
        Assert.Equal(0, rig.Losses);
        Assert.True(rig.Recovery.IsRecovering);
    }

    [Fact]
    public void A_fast_fail_time_that_is_set_shorter_than_has_passed_fails_io_at_once()
    {
        using RecoveryRig rig = new();
        rig.Lose();
        Io io = rig.Rig.Submit();
        rig.Live(5);
        rig.Controller.FailureTimes = new FailureTimes { FastIoFail = 5 * s_second };
        rig.Rig.Work.RunAll();
        io.AssertEnded(BlockStatus.IoError);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_fast_fail_time_that_is_switched_off_or_made_longer_lets_io_wait_again(bool off)
    {
        using RecoveryRig rig = new(times: new FailureTimes { FastIoFail = 5 * s_second });
        rig.Lose();
        rig.Live(5);
        Assert.True(rig.Controller.IsFastFailExpired);

        rig.Controller.FailureTimes = new FailureTimes { FastIoFail = off ? Timeout.InfiniteTimeSpan : 20 * s_second };
        rig.Rig.Work.RunAll();

        Assert.False(rig.Controller.IsFastFailExpired);
        Io io = rig.Rig.Submit();
        Assert.False(io.HasEnded);
        rig.Live(20);
        Assert.Equal(!off, io.HasEnded);
    }

    [Fact]
    public void A_delay_that_is_set_shorter_than_has_passed_makes_the_next_attempt_at_once()
    {
        using RecoveryRig rig = new(times: new FailureTimes { ReconnectDelay = 100 * s_second });
        rig.Lose();
        rig.Live(20);
        Assert.Equal([0, 1, 3, 7, 15], rig.Moments);

        rig.Controller.FailureTimes = new FailureTimes { ReconnectDelay = 2 * s_second };
        rig.Rig.Work.RunAll();

        rig.Live(2);
        Assert.Equal([0, 1, 3, 7, 15, 20, 22], rig.Moments);
    }

    [Fact]
    public void The_times_of_the_head_have_effect_as_well()
    {
        using RecoveryRig rig = new();
        rig.Lose();
        rig.Live(5);
        rig.Rig.Head.FailureTimes = new FailureTimes { Loss = 5 * s_second };
        rig.Rig.Work.RunAll();
        Assert.Equal(1, rig.Losses);
    }

    [Fact]
    public void A_recovery_that_waits_for_nothing_has_no_timer()
    {
        using RecoveryRig rig = new(times: new FailureTimes { Loss = Timeout.InfiniteTimeSpan, FastIoFail = TimeSpan.Zero });
        rig.OnConnect = _ =>
        {
            Assert.Equal(0, rig.Rig.Time.ArmedTimers);
            throw new IOException("refused");
        };
        rig.Lose();
        Assert.Equal([0], rig.Moments);
        Assert.Equal("refused", rig.Recovery.LastError);
        Assert.Equal(1, rig.Rig.Time.ArmedTimers);
    }
}
