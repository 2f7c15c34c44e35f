using LibMultipath.Block;
using LibMultipath.Paths;

namespace LibMultipath.Tests.Paths;

/// <summary>How a controller comes back, step by step, while time stands still.</summary>
public sealed class ControllerRecoveryTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    [Fact]
    public void A_controller_whose_connection_is_lost_is_connecting_at_once()
    {
        using RecoveryRig rig = new();
        rig.Recovery.ConnectionLost("cable");

        Assert.Equal(MpathControllerState.Connecting, rig.Controller.State);
        Assert.True(rig.Rig.Paths[0].IsDisabled);
        Assert.True(rig.Recovery.IsRecovering);
        Assert.Equal("cable", rig.Recovery.LastError);
        Assert.Empty(rig.Moments);
    }

    [Fact]
    public void The_first_attempt_is_made_at_once_and_the_next_ones_after_a_second_doubling_up_to_the_delay()
    {
        using RecoveryRig rig = new(times: new FailureTimes { ReconnectDelay = 10 * s_second });
        rig.Lose();
        rig.Live(45);
        Assert.Equal([0, 1, 3, 7, 15, 25, 35, 45], rig.Moments);
        Assert.Equal(8, rig.Recovery.Attempts);
        Assert.Equal("refused", rig.Recovery.LastError);
    }

    [Fact]
    public void No_delay_is_ever_above_the_one_that_is_set()
    {
        using RecoveryRig rig = new(times: new FailureTimes { ReconnectDelay = s_second / 2 });
        rig.Lose();
        rig.Live(2);
        Assert.Equal([0, 0.5, 1, 1.5, 2], rig.Moments);
    }

    [Fact]
    public void The_delay_counts_from_the_end_of_the_attempt()
    {
        using RecoveryRig rig = new();
        rig.OnConnect = _ =>
        {
            rig.Rig.Time.Advance(3 * s_second);
            throw new IOException("too slow");
        };
        rig.Lose();
        Assert.Equal(s_second, rig.Recovery.UntilNextAttempt);
        Assert.Equal(rig.Rig.Time.GetUtcNow() + s_second, rig.Recovery.NextAttempt);
        rig.Pass(1);
        Assert.Equal([0, 4], rig.Moments);
    }

    [Fact]
    public void A_connect_that_returns_makes_the_controller_live_and_resets_everything()
    {
        using RecoveryRig rig = new();
        rig.Lose();
        Io io = rig.Rig.Submit();
        rig.Live(3);
        Assert.False(io.HasEnded);
        rig.Connects();

        rig.Live(4);

        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal(MpathControllerState.Live, rig.Controller.State);
        Assert.False(rig.Recovery.IsRecovering);
        Assert.Equal(0, rig.Recovery.Attempts);
        Assert.Null(rig.Recovery.LastError);
        Assert.Null(rig.Recovery.NextAttempt);
        Assert.Equal(0, rig.Rig.Time.ArmedTimers);
        rig.Lose();
        Assert.Equal(7, rig.Moments[^1]);
    }

    [Fact]
    public void The_load_of_a_controller_that_comes_back_is_zero()
    {
        using RecoveryRig rig = new();
        rig.Controller.BeginLoad();
        rig.Connects();
        rig.Lose();
        Assert.Equal(0, rig.Controller.ActiveCount);
    }

    [Fact]
    public void Other_paths_go_on_meanwhile()
    {
        using RecoveryRig rig = new(paths: 2);
        rig.Lose();
        Assert.Equal([1, 1, 1], rig.Rig.Pick(3));
    }

    [Fact]
    public void A_connection_that_broke_within_a_second_counts_as_a_failed_attempt()
    {
        using RecoveryRig rig = new();
        rig.Connects();
        rig.Lose();
        for (int i = 0; i < 3; i++)
        {
            rig.Pass(i == 0 ? 0.5 : 0);
            rig.Lose();
            Assert.Equal(MpathControllerState.Connecting, rig.Controller.State);
            rig.Pass(1 << i);
            Assert.Equal(MpathControllerState.Live, rig.Controller.State);
        }

        Assert.Equal([0, 1.5, 3.5, 7.5], rig.Moments);
        rig.Pass(1);
        rig.Lose();
        Assert.Equal(8.5, rig.Moments[^1]);
    }

    [Fact]
    public void A_connection_that_is_lost_before_its_attempt_has_returned_is_none()
    {
        using RecoveryRig rig = new();
        rig.OnConnect = _ =>
        {
            rig.Recovery.ConnectionLost("gone again");
            return Task.CompletedTask;
        };
        rig.Lose();
        Assert.Equal(MpathControllerState.Connecting, rig.Controller.State);
        Assert.Equal("gone again", rig.Recovery.LastError);
        rig.Connects();
        rig.Pass(1);
        Assert.Equal(MpathControllerState.Live, rig.Controller.State);
    }

    [Fact]
    public void A_connection_that_is_lost_twice_is_lost_once()
    {
        using RecoveryRig rig = new();
        rig.Lose("first");
        rig.Pass(0.5);
        rig.Lose("second");
        Assert.Equal([0], rig.Moments);
        Assert.Equal("refused", rig.Recovery.LastError);
        Assert.Equal(s_second / 2, rig.Recovery.UntilNextAttempt);
    }

    [Fact]
    public void After_the_fast_fail_time_io_does_not_wait_for_it_and_attempts_go_on()
    {
        using RecoveryRig rig = new(times: new FailureTimes { FastIoFail = 5 * s_second });
        rig.Lose();
        Io io = rig.Rig.Submit();
        rig.Live(4.75);
        Assert.False(io.HasEnded);
        Assert.True(rig.Controller.MayComeBack);

        rig.Live(0.25);

        io.AssertEnded(BlockStatus.IoError);
        Assert.True(rig.Controller.IsFastFailExpired);
        Assert.False(rig.Controller.MayComeBack);
        Assert.Equal(MpathControllerState.Connecting, rig.Controller.State);
        rig.Rig.Submit().AssertEnded(BlockStatus.IoError);
        rig.Connects();
        rig.Live(2);
        Assert.False(rig.Controller.IsFastFailExpired);
        Assert.True(rig.Controller.MayComeBack);
        Assert.Equal(0, rig.Rig.Pick());
    }

    [Fact]
    public void Io_that_may_go_on_on_another_path_waits_beyond_the_fast_fail_time()
    {
        using RecoveryRig rig = new(paths: 2, times: new FailureTimes { FastIoFail = s_second });
        rig.Rig.Paths[1].Controller.State = MpathControllerState.Resetting;
        rig.Lose();
        Io io = rig.Rig.Submit();
        rig.Live(10);
        Assert.True(rig.Controller.IsFastFailExpired);
        Assert.False(io.HasEnded);
    }

    [Fact]
    public void After_the_loss_time_it_is_given_up_once()
    {
        using RecoveryRig rig = new(times: new FailureTimes { Loss = 20 * s_second });
        rig.OnLost = () => Assert.Equal(MpathControllerState.Dead, rig.Controller.State);
        rig.Lose();
        Io io = rig.Rig.Submit();
        rig.Live(19.75);
        Assert.Equal(0, rig.Losses);
        Assert.False(io.HasEnded);

        rig.Live(0.25);

        io.AssertEnded(BlockStatus.IoError);
        Assert.Equal(1, rig.Losses);
        Assert.True(rig.Recovery.IsLost);
        Assert.False(rig.Recovery.IsRecovering);
        Assert.Equal(0, rig.Rig.Time.ArmedTimers);
        int attempts = rig.Moments.Count;
        rig.Lose();
        rig.Recovery.RetryNow();
        rig.Live(100);
        Assert.Equal(attempts, rig.Moments.Count);
        Assert.Equal(1, rig.Losses);
        Assert.Equal(MpathControllerState.Dead, rig.Controller.State);
    }

    [Fact]
    public void With_a_loss_time_of_zero_no_attempt_is_made()
    {
        using RecoveryRig rig = new(times: new FailureTimes { Loss = TimeSpan.Zero });
        rig.Lose();
        Assert.Empty(rig.Moments);
        Assert.Equal(1, rig.Losses);
    }

    [Fact]
    public void A_driver_may_dispose_it_when_it_is_told_of_the_loss()
    {
        using RecoveryRig rig = new(times: new FailureTimes { Loss = TimeSpan.Zero });
        rig.OnLost = () =>
        {
            rig.Recovery.Dispose();
            rig.Rig.Head.Remove(rig.Rig.Paths[0]);
        };
        rig.Lose();
        Assert.Equal(1, rig.Losses);
        Assert.Equal(0, rig.Rig.Head.PathCount);
    }

    [Fact]
    public void After_a_stop_no_attempt_is_made_and_the_state_stays()
    {
        using RecoveryRig rig = new(times: new FailureTimes { Loss = 10 * s_second, FastIoFail = s_second });
        rig.Lose();
        Io io = rig.Rig.Submit();
        rig.Recovery.Stop();
        Assert.Equal(0, rig.Rig.Time.ArmedTimers);
        rig.Live(100);
        Assert.Equal([0], rig.Moments);
        Assert.Equal(0, rig.Losses);
        Assert.Equal(MpathControllerState.Connecting, rig.Controller.State);
        Assert.False(rig.Recovery.IsRecovering);
        Assert.False(io.HasEnded);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void After_a_stop_a_lost_connection_begins_anew_even_if_it_was_given_up(bool givenUp)
    {
        using RecoveryRig rig = new(times: new FailureTimes { Loss = 2 * s_second });
        rig.Lose();
        rig.Live(givenUp ? 10 : 1);
        Assert.Equal(givenUp, rig.Recovery.IsLost);
        rig.Recovery.Stop();
        Assert.False(rig.Recovery.IsLost);
        int attempts = rig.Moments.Count;

        rig.Connects();
        rig.Lose();

        Assert.Equal(attempts + 1, rig.Moments.Count);
        Assert.Equal(MpathControllerState.Live, rig.Controller.State);
        Assert.False(rig.Recovery.IsLost);
    }

    [Fact]
    public void A_connection_that_was_useless_counts_as_a_failed_attempt_however_long_it_lasted()
    {
        using RecoveryRig rig = new();
        rig.Connects();
        rig.Lose();
        rig.Live(60);
        int attempts = rig.Moments.Count;

        rig.Recovery.ConnectionLost("no answer", wasUseless: true);
        rig.Rig.Work.RunAll();

        Assert.Equal(attempts, rig.Moments.Count);
        Assert.Equal(s_second, rig.Recovery.UntilNextAttempt);
    }

    [Fact]
    public void A_stop_before_the_attempt_has_a_thread_keeps_it_from_being_made()
    {
        using RecoveryRig rig = new();
        rig.Recovery.ConnectionLost("reset");
        rig.Recovery.Stop();
        rig.Rig.Work.RunAll();
        Assert.Empty(rig.Moments);
        Assert.Equal(MpathControllerState.Connecting, rig.Controller.State);
    }

    [Fact]
    public void After_disposal_nothing_happens()
    {
        using RecoveryRig rig = new();
        rig.Lose();
        rig.Recovery.Dispose();
        rig.Lose();
        rig.Recovery.RetryNow();
        rig.Controller.FailureTimes = new FailureTimes { Loss = TimeSpan.Zero };
        rig.Live(1000);
        Assert.Equal([0], rig.Moments);
        Assert.Equal(0, rig.Losses);
        rig.Recovery.Dispose();
    }

    [Fact]
    public void A_connect_that_succeeds_after_a_stop_counts_for_nothing()
    {
        using RecoveryRig rig = new();
        rig.OnConnect = token =>
        {
            rig.Recovery.Stop();
            Assert.True(token.IsCancellationRequested);
            return Task.CompletedTask;
        };
        rig.Lose();
        Assert.Equal(MpathControllerState.Connecting, rig.Controller.State);
        Assert.False(rig.Recovery.IsRecovering);
    }

    [Fact]
    public void Who_does_not_want_to_wait_gets_the_next_attempt_now()
    {
        using RecoveryRig rig = new(times: new FailureTimes { ReconnectDelay = 1000 * s_second });
        rig.Recovery.RetryNow();
        Assert.Equal(0, rig.Rig.Work.RunAll());
        rig.Lose();
        rig.Pass(0.25);
        rig.Recovery.RetryNow();
        rig.Rig.Work.RunAll();
        Assert.Equal([0, 0.25], rig.Moments);
        Assert.Equal(2 * s_second, rig.Recovery.UntilNextAttempt);
    }

    [Fact]
    public void A_controller_that_is_being_deleted_is_not_connected_again()
    {
        using RecoveryRig rig = new();
        rig.Controller.State = MpathControllerState.Deleting;
        rig.Lose();
        Assert.Empty(rig.Moments);
        Assert.Equal(MpathControllerState.Deleting, rig.Controller.State);
    }

    [Fact]
    public void A_state_that_is_set_to_live_by_hand_ends_the_fast_fail()
    {
        using RecoveryRig rig = new(times: new FailureTimes { FastIoFail = TimeSpan.Zero });
        rig.Lose();
        Assert.True(rig.Controller.IsFastFailExpired);
        rig.Recovery.Stop();
        Assert.True(rig.Controller.IsFastFailExpired);
        rig.Controller.State = MpathControllerState.Live;
        Assert.False(rig.Controller.IsFastFailExpired);
        Assert.True(rig.Controller.MayComeBack);
    }

    [Fact]
    public void What_a_driver_throws_is_logged_and_stops_nothing()
    {
        using RecoveryRig rig = new(times: new FailureTimes { Loss = TimeSpan.FromSeconds(2) });
        rig.OnConnect = token => null!;
        rig.OnLost = () => throw new InvalidDataException("mine");
        rig.Lose();
        rig.Live(2);
        Assert.Equal(1, rig.Losses);
        Assert.Equal(1, rig.Rig.Log.Count(311));
        Assert.Equal(MpathControllerState.Dead, rig.Controller.State);
    }

    [Fact]
    public void Each_step_is_logged()
    {
        using RecoveryRig rig = new(times: new FailureTimes { FastIoFail = s_second, Loss = 10 * s_second });
        rig.Lose("cable");
        rig.Live(1);
        rig.Connects();
        rig.Live(2);
        rig.OnConnect = _ => throw new IOException("no route");
        rig.Pass(1);
        rig.Lose();
        rig.Live(10);
        string log = string.Join('\n', rig.Rig.Log.Lines.Where(line => line.Id is >= 306 and <= 310).Select(line => $"{line.Id} {line.Text}"));
        Assert.StartsWith(
            """
            306 controller 1: connection lost: cable (0 more not shown)
            307 controller 1: attempt 1 to connect failed: refused; the next one in 1 s (0 more not shown)
            309 controller 1: not connected for 1 s, its I/O does not wait any more (0 more not shown)
            307 controller 1: attempt 2 to connect failed: refused; the next one in 2 s (0 more not shown)
            308 controller 1: connected, at attempt 3 (0 more not shown)
            306 controller 1: connection lost: reset (0 more not shown)
            """.ReplaceLineEndings("\n"), log);
        Assert.EndsWith("310 controller 1: not connected for 10 s, given up after 4 attempts; the last error was: no route", log);
    }

    [Fact]
    public void A_connection_that_comes_and_goes_does_not_flood_the_log()
    {
        using RecoveryRig rig = new();
        rig.Connects();
        for (int i = 0; i < 50; i++)
        {
            rig.Lose();
            rig.Pass(2);
        }

        Assert.Equal(10, rig.Rig.Log.Lines.Count(line => line.Id is >= 306 and <= 310));
    }

    [Fact]
    public void What_is_missing_is_refused()
    {
        var controller = new MpathController(1);
        Assert.Throws<ArgumentNullException>(() => new ControllerRecovery(null!, _ => Task.CompletedTask, () => { }));
        Assert.Throws<ArgumentNullException>(() => new ControllerRecovery(controller, null!, () => { }));
        Assert.Throws<ArgumentNullException>(() => new ControllerRecovery(controller, _ => Task.CompletedTask, null!));
        using RecoveryRig rig = new();
        Assert.Throws<ArgumentNullException>(() => rig.Recovery.ConnectionLost(null!));
    }
}
