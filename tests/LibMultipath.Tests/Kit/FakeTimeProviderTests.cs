namespace LibMultipath.Tests.Kit;

public sealed class FakeTimeProviderTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _fired = [];

    [Fact]
    public void Time_stands_still_until_it_is_advanced()
    {
        DateTimeOffset start = _time.GetUtcNow();
        long stamp = _time.GetTimestamp();

        Assert.Equal(start, _time.GetUtcNow());
        _time.Advance(TimeSpan.FromMilliseconds(1500));

        Assert.Equal(TimeSpan.FromMilliseconds(1500), _time.GetUtcNow() - start);
        Assert.Equal(TimeSpan.FromMilliseconds(1500), _time.GetElapsedTime(stamp));
        Assert.Equal(_time.GetUtcNow(), _time.GetLocalNow());
    }

    [Fact]
    public void A_timer_fires_once_when_it_is_due_and_not_before()
    {
        using ITimer timer = Timer("a", s_second);

        _time.Advance(s_second - TimeSpan.FromTicks(1));
        Assert.Empty(_fired);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(["a@1"], _fired);
        _time.Advance(100 * s_second);
        Assert.Equal(["a@1"], _fired);
    }

    [Fact]
    public void A_periodic_timer_fires_every_time_that_passes()
    {
        using ITimer timer = Timer("a", s_second, 2 * s_second);

        _time.Advance(6 * s_second);

        Assert.Equal(["a@1", "a@3", "a@5"], _fired);
        Assert.Equal(s_second, _time.NextDue);
    }

    [Fact]
    public void A_period_of_zero_is_no_period()
    {
        using ITimer timer = Timer("a", s_second, TimeSpan.Zero);

        _time.Advance(10 * s_second);

        Assert.Equal(["a@1"], _fired);
    }

    [Fact]
    public void Timers_fire_in_the_order_in_which_they_are_due()
    {
        using ITimer late = Timer("late", 3 * s_second);
        using ITimer early = Timer("early", s_second);
        using ITimer periodic = Timer("periodic", s_second, s_second);
        using ITimer together = Timer("together", 3 * s_second);

        _time.Advance(3 * s_second);

        Assert.Equal(["early@1", "periodic@1", "periodic@2", "late@3", "together@3", "periodic@3"], _fired);
    }

    [Fact]
    public void A_timer_that_is_due_at_once_waits_for_the_next_advance()
    {
        using ITimer timer = Timer("a", TimeSpan.Zero);
        Assert.Empty(_fired);

        _time.Advance(TimeSpan.Zero);

        Assert.Equal(["a@0"], _fired);
    }

    [Fact]
    public void A_timer_without_a_due_time_never_fires()
    {
        using ITimer timer = Timer("a", Timeout.InfiniteTimeSpan, s_second);

        _time.Advance(100 * s_second);

        Assert.Empty(_fired);
        Assert.Equal(0, _time.ArmedTimers);
        Assert.Null(_time.NextDue);
    }

    [Fact]
    public void A_change_counts_from_now()
    {
        using ITimer timer = Timer("a", 2 * s_second);
        _time.Advance(s_second);

        Assert.True(timer.Change(5 * s_second, Timeout.InfiniteTimeSpan));
        _time.Advance(4 * s_second);
        Assert.Empty(_fired);
        _time.Advance(s_second);

        Assert.Equal(["a@6"], _fired);
        Assert.True(timer.Change(s_second, Timeout.InfiniteTimeSpan));
        _time.Advance(s_second);
        Assert.Equal(["a@6", "a@7"], _fired);
    }

    [Fact]
    public void A_timer_that_is_disposed_neither_fires_nor_changes()
    {
        ITimer timer = Timer("a", s_second, s_second);
        _time.Advance(s_second);

        timer.Dispose();
        timer.Dispose();

        Assert.False(timer.Change(s_second, s_second));
        _time.Advance(10 * s_second);
        Assert.Equal(["a@1"], _fired);
        Assert.Equal(0, _time.ArmedTimers);
    }

    [Fact]
    public async Task Disposal_without_waiting_is_disposal()
    {
        ITimer timer = Timer("a", s_second);

        await timer.DisposeAsync();

        _time.Advance(s_second);
        Assert.Empty(_fired);
    }

    [Fact]
    public void A_callback_may_set_change_and_dispose_timers()
    {
        ITimer? later = null;
        ITimer victim = Timer("victim", 2 * s_second);
        using ITimer first = _time.CreateTimer(
            _ =>
            {
                victim.Dispose();
                later = Timer("later", s_second);
            }, null, s_second, Timeout.InfiniteTimeSpan);

        _time.Advance(5 * s_second);

        Assert.Equal(["later@2"], _fired);
        later!.Dispose();
    }

    [Fact]
    public void A_periodic_callback_may_end_its_own_timer()
    {
        ITimer? timer = null;
        timer = _time.CreateTimer(
            _ =>
            {
                _fired.Add("once");
                timer!.Dispose();
            }, null, s_second, s_second);

        _time.Advance(5 * s_second);

        Assert.Equal(["once"], _fired);
    }

    [Fact]
    public void What_a_callback_throws_comes_out_and_time_can_go_on()
    {
        using ITimer bad = _time.CreateTimer(_ => throw new InvalidDataException(), null, s_second, Timeout.InfiniteTimeSpan);
        using ITimer good = Timer("good", 2 * s_second);

        Assert.Throws<InvalidDataException>(() => _time.Advance(5 * s_second));
        Assert.Equal(s_second, _time.Elapsed);
        _time.Advance(s_second);

        Assert.Equal(["good@2"], _fired);
    }

    [Fact]
    public void A_callback_cannot_advance_time()
    {
        using ITimer timer = _time.CreateTimer(_ => _time.Advance(s_second), null, s_second, Timeout.InfiniteTimeSpan);

        Assert.Throws<InvalidOperationException>(() => _time.Advance(s_second));
    }

    [Fact]
    public void A_callback_gets_its_state_and_its_makers_context()
    {
        AsyncLocal<string> local = new() { Value = "maker" };
        using ITimer timer = _time.CreateTimer(state => _fired.Add($"{state} {local.Value}"), "state", s_second, Timeout.InfiniteTimeSpan);
        local.Value = "caller";

        _time.Advance(s_second);

        Assert.Equal(["state maker"], _fired);
    }

    [Fact]
    public void What_is_no_time_is_refused()
    {
        TimeSpan tooLong = TimeSpan.FromMilliseconds(uint.MaxValue);

        Assert.Throws<ArgumentOutOfRangeException>(() => _time.Advance(-s_second));
        Assert.Throws<ArgumentNullException>(() => _time.CreateTimer(null!, null, s_second, s_second));
        Assert.Throws<ArgumentOutOfRangeException>(() => Timer("a", -s_second));
        Assert.Throws<ArgumentOutOfRangeException>(() => Timer("a", tooLong));
        Assert.Throws<ArgumentOutOfRangeException>(() => Timer("a", s_second, tooLong));
    }

    [Fact]
    public async Task The_runtimes_own_waits_run_on_it()
    {
        Task delay = Task.Delay(s_second, _time);
        using CancellationTokenSource cancellation = new(2 * s_second, _time);
        Task never = new TaskCompletionSource().Task.WaitAsync(3 * s_second, _time);

        _time.Advance(s_second);
        await delay;
        Assert.False(cancellation.IsCancellationRequested);

        _time.Advance(s_second);
        Assert.True(cancellation.IsCancellationRequested);
        Assert.False(never.IsCompleted);

        _time.Advance(s_second);
        await Assert.ThrowsAsync<TimeoutException>(() => never);
    }

    private ITimer Timer(string name, TimeSpan due, TimeSpan? period = null) => _time.CreateTimer(
        _ => _fired.Add($"{name}@{_time.Elapsed.TotalSeconds:0}"), null, due, period ?? Timeout.InfiniteTimeSpan);
}
