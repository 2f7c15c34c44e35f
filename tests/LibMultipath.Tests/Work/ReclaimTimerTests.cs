using System.Diagnostics;
using System.Runtime.CompilerServices;
using LibMultipath.Tests.Kit;
using LibMultipath.Work;

namespace LibMultipath.Tests.Work;

public sealed class ReclaimTimerTests
{
    private static readonly TimeSpan s_soon = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_never = TimeSpan.FromDays(40);

    [Fact]
    public void It_fires_once_when_it_is_due_on_a_thread_of_its_own()
    {
        int fired = 0;
        Thread? thread = null;
        long start = Stopwatch.GetTimestamp();
        TimeSpan after = TimeSpan.Zero;
        using var timer = new ReclaimTimer(TimeProvider.System, () =>
        {
            after = Stopwatch.GetElapsedTime(start);
            thread = Thread.CurrentThread;
            Interlocked.Increment(ref fired);
        });
        timer.Set(s_soon);
        Eventually.True(() => Volatile.Read(ref fired) == 1, "the timer");
        Assert.True(after >= s_soon, $"It fired after {after}.");
        Assert.False(thread!.IsThreadPoolThread);
        Assert.True(thread.IsBackground);
        AfterAnotherTimer();
        Assert.Equal(1, Volatile.Read(ref fired));
    }

    [Fact]
    public void One_that_is_set_anew_fires_at_the_new_time()
    {
        using var fired = new ManualResetEventSlim();
        using var timer = new ReclaimTimer(TimeProvider.System, fired.Set);
        timer.Set(s_never);
        timer.Set(TimeSpan.Zero);
        Assert.True(fired.Wait(Eventually.Limit));
        InTime(
            () =>
            {
                fired.Reset();
                timer.Set(s_soon);
            },
            () => timer.Set(s_never));
        AfterAnotherTimer();
        Assert.False(fired.IsSet);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void One_that_is_cleared_or_disposed_does_not_fire(bool dispose)
    {
        ReclaimTimer? timer = null;
        StrongBox<bool>? fired = null;
        InTime(
            () =>
            {
                timer?.Dispose();
                var box = fired = new();
                timer = new ReclaimTimer(TimeProvider.System, () => box.Value = true);
                timer.Set(s_soon);
            },
            () =>
            {
                if (dispose)
                {
                    timer!.Dispose();
                }
                else
                {
                    timer!.Set(Timeout.InfiniteTimeSpan);
                }
            });

        AfterAnotherTimer();
        Assert.False(fired!.Value);
        timer!.Dispose();
    }

    [Fact]
    public void They_fire_in_the_order_in_which_they_are_due()
    {
        List<int> order = [];
        ReclaimTimer[] timers = [.. Enumerable.Range(0, 5).Select(number => new ReclaimTimer(TimeProvider.System, () =>
        {
            lock (order)
            {
                order.Add(number);
            }
        }))];
        var earliest = new TimeSpan[timers.Length];
        var latest = new TimeSpan[timers.Length];
        long start = Stopwatch.GetTimestamp();
        for (int i = timers.Length - 1; i >= 0; i--)
        {
            TimeSpan due = (i + 1) * s_soon;
            earliest[i] = Stopwatch.GetElapsedTime(start) + due;
            timers[i].Set(due);
            latest[i] = Stopwatch.GetElapsedTime(start) + due;
        }

        Eventually.True(
            () =>
            {
                lock (order)
                {
                    return order.Count == timers.Length;
                }
            },
            "all timers");
        Assert.Equal([0, 1, 2, 3, 4], order.Order());
        Assert.All(order.Zip(order.Skip(1)), pair => Assert.True(earliest[pair.First] <= latest[pair.Second], $"{pair.First} fired before {pair.Second}."));
    }

    [Fact]
    public void A_callback_may_set_its_own_timer()
    {
        int fired = 0;
        ReclaimTimer? timer = null;
        timer = new ReclaimTimer(TimeProvider.System, () =>
        {
            if (Interlocked.Increment(ref fired) < 5)
            {
                timer!.Set(TimeSpan.Zero);
            }
        });
        timer.Set(TimeSpan.Zero);
        Eventually.True(() => Volatile.Read(ref fired) == 5, "five times");
        timer.Dispose();
    }

    [Fact]
    public void Of_another_provider_it_is_one_of_its_timers()
    {
        var time = new FakeTimeProvider();
        int fired = 0;
        var timer = new ReclaimTimer(time, () => fired++);
        Assert.Equal(0, time.ArmedTimers);
        timer.Set(TimeSpan.FromSeconds(1));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, fired);
        timer.Set(TimeSpan.FromSeconds(1));
        timer.Dispose();
        Assert.Equal(0, time.ArmedTimers);
    }

    [Fact]
    public void A_provider_that_counts_in_milliseconds_is_not_asked_for_less()
    {
        var time = new FakeTimeProvider();
        using var timer = new ReclaimTimer(time, () => { });
        timer.Set(TimeSpan.FromTicks(1));
        Assert.Equal(TimeSpan.FromMilliseconds(1), time.NextDue);
    }

    // One that is due later than anything the test has set: when it has fired, the others have, if they do.
    // Sets a timer that is due soon, and does something before it is: again, where the thread was kept from it.
    private static void InTime(Action set, Action before)
    {
        Eventually.True(
            () =>
            {
                long start = Stopwatch.GetTimestamp();
                set();
                before();
                return Stopwatch.GetElapsedTime(start) < s_soon;
            },
            "a thread that is quick enough");
    }

    private static void AfterAnotherTimer()
    {
        using var fired = new ManualResetEventSlim();
        using var timer = new ReclaimTimer(TimeProvider.System, fired.Set);
        timer.Set(3 * s_soon);
        Assert.True(fired.Wait(Eventually.Limit));
    }
}
