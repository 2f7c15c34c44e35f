using LibMultipath.IoUring.Loops;
using LibMultipath.IoUring.Tests.Kit;
using LibMultipath.Tests.Kit;
using Xunit.Abstractions;

namespace LibMultipath.IoUring.Tests.Loops;

/// <summary>Work from other threads, and how it wakes the loop.</summary>
public sealed class RingLoopPostTests(ITestOutputHelper output)
{
    [Fact]
    public void Every_post_runs_once_and_in_order_for_each_poster_however_the_loop_parks()
    {
        const int Posters = 4;
        const int Posts = 20_000;
        int seed = Seeds.Next(output);
        using var loop = new Driven(seed);
        int[] last = new int[Posters];
        int ran = 0;
        Thread[] threads = [.. Enumerable.Range(0, Posters).Select(poster => OtherThread.Start(() => Post(poster)))];
        Array.ForEach(threads, OtherThread.Join);
        Eventually.True(() => Volatile.Read(ref ran) == Posters * Posts, "all work to run");
        Assert.Equal(Enumerable.Repeat(Posts, Posters), last);
        Assert.InRange(loop.Loop.Wakes, 0, Posters * Posts);
        output.WriteLine($"{loop.Loop.Wakes} wakes for {ran} posts.");

        void Post(int poster)
        {
            var random = new Random(seed + poster);
            for (int i = 1; i <= Posts; i++)
            {
                int number = i;
                loop.Loop.Post(new PostedWork(() =>
                {
                    Assert.Equal(number - 1, last[poster]);
                    last[poster] = number;
                    Volatile.Write(ref ran, ran + 1);
                }));
                if (random.Next(8) == 0)
                {
                    Thread.SpinWait(random.Next(2000));
                }
            }
        }
    }

    [Fact]
    public void Work_that_may_be_there_already_runs_after_the_last_time_it_was_posted()
    {
        const int Posters = 4;
        const int Posts = 20_000;
        using var loop = new Driven(Seeds.Next(output));
        int said = 0;
        int seen = 0;
        var work = new PostedWork(() => Volatile.Write(ref seen, Volatile.Read(ref said)));
        Thread[] threads = [.. Enumerable.Range(0, Posters).Select(_ => OtherThread.Start(() =>
        {
            for (int i = 0; i < Posts; i++)
            {
                Interlocked.Increment(ref said);
                loop.Loop.TryPost(work);
            }
        }))];
        Array.ForEach(threads, OtherThread.Join);
        Eventually.True(() => Volatile.Read(ref seen) == Posters * Posts, "the last post to be seen");
    }

    [Fact]
    public void Every_post_to_a_parked_loop_wakes_it()
    {
        using var loop = new Driven(seed: null);
        for (int i = 1; i <= 2000; i++)
        {
            int ran = 0;
            loop.Loop.Post(new PostedWork(() => Volatile.Write(ref ran, 1)));
            Eventually.True(() => Volatile.Read(ref ran) == 1, $"post {i} to run");
        }
    }

    [Fact]
    public void A_loop_that_is_busy_is_not_woken()
    {
        using var loop = new Driven(seed: null);
        using var began = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        loop.Loop.Post(new PostedWork(() =>
        {
            began.Set();
            go.Wait();
        }));
        Assert.True(began.Wait(Eventually.Limit));
        long wakes = loop.Loop.Wakes;
        int ran = 0;
        for (int i = 0; i < 1000; i++)
        {
            loop.Loop.Post(new PostedWork(() => Volatile.Write(ref ran, ran + 1)));
        }

        Assert.Equal(wakes, loop.Loop.Wakes);
        go.Set();
        Eventually.True(() => Volatile.Read(ref ran) == 1000, "the work to run");
    }

    [Fact]
    public void One_write_wakes_however_many_post()
    {
        using var loop = new RingLoop();
        loop.Attach();
        for (int i = 0; i < 100; i++)
        {
            loop.Post(new PostedWork(() => { }));
        }

        Assert.Equal(0, loop.Wakes);
        Assert.True(loop.Poll(Timeout.InfiniteTimeSpan));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Stop_and_the_token_end_a_run_that_waits(bool byToken)
    {
        using var source = new CancellationTokenSource();
        using var loop = new RingLoop(new RingOptions { SingleIssuer = false });
        int parked = 0;
        Thread thread = OtherThread.Start(() =>
        {
            loop.Attach();
            loop.Post(new PostedWork(() => Volatile.Write(ref parked, 1)));
            loop.Run(source.Token);
            loop.Detach();
        });
        Eventually.True(() => Volatile.Read(ref parked) == 1, "the loop to run");
        Assert.False(loop.IsStopped);
        if (byToken)
        {
            source.Cancel();
        }
        else
        {
            loop.Stop();
        }

        OtherThread.Join(thread);
        Assert.True(loop.IsStopped);
    }

    [Fact]
    public void A_run_that_is_stopped_before_it_begins_does_not_begin()
    {
        using var loop = new RingLoop();
        loop.Attach();
        loop.Stop();
        loop.Run();
        Assert.True(loop.Poll(Timeout.InfiniteTimeSpan));
    }

    [Fact]
    public void A_post_to_a_loop_that_is_gone_does_no_harm()
    {
        var loop = new RingLoop();
        loop.Dispose();
        loop.Post(new PostedWork(() => Assert.Fail("Nobody drives it.")));
        loop.Stop();
        Assert.Throws<ObjectDisposedException>(loop.Attach);
    }

    /// <summary>A loop on a thread that drives it until it is disposed, with waits of all lengths.</summary>
    private sealed class Driven : IDisposable
    {
        private readonly Thread _thread;
        private Exception? _fault;

        public Driven(int? seed)
        {
            RingLoop? made = null;
            _thread = OtherThread.Start(() =>
            {
                var random = seed is { } number ? new Random(number) : null;
                using var loop = new RingLoop();
                loop.Attach();
                Volatile.Write(ref made, loop);
                while (!loop.IsStopped)
                {
                    _fault ??= Record.Exception(() => loop.Poll(random?.Next(4) switch
                    {
                        0 => TimeSpan.Zero,
                        1 => TimeSpan.FromTicks(random.Next(1000)),
                        _ => Timeout.InfiniteTimeSpan,
                    }));
                }
            });
            Eventually.True(() => Volatile.Read(ref made) is not null, "the loop");
            Loop = made!;
        }

        public RingLoop Loop { get; }

        public void Dispose()
        {
            Loop.Stop();
            OtherThread.Join(_thread);
            Assert.Null(_fault);
        }
    }
}
