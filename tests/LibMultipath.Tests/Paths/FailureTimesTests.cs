using LibMultipath.Paths;

namespace LibMultipath.Tests.Paths;

public sealed class FailureTimesTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    public static TheoryData<TimeSpan> NoTimes => [-s_second, TimeSpan.FromTicks(-1), FailureTimes.Longest + TimeSpan.FromTicks(1), TimeSpan.MaxValue, TimeSpan.MinValue];

    [Theory]
    [MemberData(nameof(NoTimes))]
    public void What_is_no_time_is_refused_with_what_may_be_given(TimeSpan time)
    {
        AssertRefused(nameof(FailureTimes.ReconnectDelay), "from a millisecond to 4294967 seconds", () => _ = new FailureTimes { ReconnectDelay = time });
        AssertRefused(nameof(FailureTimes.FastIoFail), "from 0 to 4294967 seconds, or Timeout.InfiniteTimeSpan", () => _ = new FailureTimes { FastIoFail = time });
        AssertRefused(nameof(FailureTimes.Loss), "from 0 to 4294967 seconds, or Timeout.InfiniteTimeSpan", () => _ = new FailureTimes { Loss = time });
    }

    [Fact]
    public void The_delay_between_attempts_can_be_neither_off_nor_nothing()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new FailureTimes { ReconnectDelay = Timeout.InfiniteTimeSpan });
        Assert.Throws<ArgumentOutOfRangeException>(() => new FailureTimes { ReconnectDelay = TimeSpan.Zero });
    }

    [Fact]
    public void The_shortest_and_the_longest_times_are_taken()
    {
        var shortest = new FailureTimes { ReconnectDelay = TimeSpan.FromMilliseconds(1), FastIoFail = TimeSpan.Zero, Loss = TimeSpan.Zero };
        var longest = new FailureTimes { ReconnectDelay = FailureTimes.Longest, FastIoFail = FailureTimes.Longest, Loss = FailureTimes.Longest };
        using RecoveryRig rig = new(times: longest);
        rig.Lose();
        Assert.True(rig.Recovery.IsRecovering);
        rig.Controller.FailureTimes = shortest;
        rig.Rig.Work.RunAll();
        Assert.True(rig.Recovery.IsLost);
    }

    [Fact]
    public void A_controller_without_times_has_those_of_nvme_hosts()
    {
        MpathController controller = new(1);
        Assert.Equal(new FailureTimes(), controller.FailureTimes);
        Assert.Equal((10 * s_second, Timeout.InfiniteTimeSpan, 600 * s_second), Of(controller.FailureTimesInForce));
    }

    [Fact]
    public void A_controller_takes_what_it_does_not_give_from_the_head_of_its_first_path()
    {
        MpathController shared = new(7) { FailureTimes = new FailureTimes { Loss = 3 * s_second } };
        using Rig one = new(0);
        using Rig two = new(0);
        one.Head.FailureTimes = new FailureTimes { ReconnectDelay = 5 * s_second, Loss = 50 * s_second };
        two.Head.FailureTimes = new FailureTimes { ReconnectDelay = 6 * s_second };

        MpathDevice first = one.AddPath(controller: shared);
        two.AddPath(controller: shared);
        Assert.Equal((5 * s_second, Timeout.InfiniteTimeSpan, 3 * s_second), Of(shared.FailureTimesInForce));

        one.Head.FailureTimes = new FailureTimes { FastIoFail = 4 * s_second };
        Assert.Equal((10 * s_second, 4 * s_second, 3 * s_second), Of(shared.FailureTimesInForce));

        one.Head.Remove(first);
        Assert.Equal((6 * s_second, Timeout.InfiniteTimeSpan, 3 * s_second), Of(shared.FailureTimesInForce));
        shared.FailureTimes = new FailureTimes();
        Assert.Equal((6 * s_second, Timeout.InfiniteTimeSpan, 600 * s_second), Of(shared.FailureTimesInForce));
    }

    [Fact]
    public void A_head_has_the_times_that_it_is_made_with()
    {
        var times = new FailureTimes { FastIoFail = s_second };
        using var head = new MpathHead("head", new TestTemplate(), new MpathHeadOptions { FailureTimes = times });
        Assert.Same(times, head.FailureTimes);
        Assert.Throws<ArgumentNullException>(() => new MpathHead("head", new TestTemplate(), new MpathHeadOptions { FailureTimes = null! }));
        Assert.Throws<ArgumentNullException>(() => head.FailureTimes = null!);
        Assert.Throws<ArgumentNullException>(() => new MpathController(1).FailureTimes = null!);
    }

    [Fact]
    public void Of_a_head_that_is_gone_no_time_is_set()
    {
        var head = new MpathHead("head", new TestTemplate());
        head.Dispose();
        Assert.Throws<ObjectDisposedException>(() => head.FailureTimes = new FailureTimes { Loss = s_second });
        Assert.Equal(new FailureTimes(), head.FailureTimes);
    }

    private static (TimeSpan? Reconnect, TimeSpan? FastIoFail, TimeSpan? Loss) Of(FailureTimes times) => (times.ReconnectDelay, times.FastIoFail, times.Loss);

    private static void AssertRefused(string name, string advice, Action act)
    {
        ArgumentOutOfRangeException refusal = Assert.Throws<ArgumentOutOfRangeException>(act);
        Assert.Equal(name, refusal.ParamName);
        Assert.Contains(advice, refusal.Message);
    }
}
