using System.Diagnostics;
using LibMultipath.Block;
using LibMultipath.IoUring.Abi;
using LibMultipath.IoUring.Loops;
using LibMultipath.IoUring.Tests.Kit;
using LibMultipath.Tests.Kit;
using Microsoft.Win32.SafeHandles;

namespace LibMultipath.IoUring.Tests.Loops;

/// <summary>A loop on the thread that drives it.</summary>
public sealed unsafe class RingLoopTests : IDisposable
{
    private readonly RingLoop _loop = new(new RingOptions { Entries = 8 });

    public RingLoopTests() => _loop.Attach();

    public void Dispose() => _loop.Dispose();

    [Fact]
    public void A_completion_goes_to_its_operation_which_may_be_prepared_again()
    {
        var operation = new Operation();
        for (int i = 1; i <= 3; i++)
        {
            _loop.Prepare(operation).PrepNop();
            Assert.True(operation.IsUnderWay);
            Assert.Throws<InvalidOperationException>(() => _loop.Prepare(operation));
            Assert.Equal(1, _loop.UnderWay);
            PollUntil(() => operation.Results.Count == i);
            Assert.False(operation.IsUnderWay);
            Assert.Equal(0, _loop.UnderWay);
        }
    }

    [Fact]
    public void Hundreds_of_operations_may_be_under_way_at_once()
    {
        Operation[] operations = [.. Enumerable.Range(0, 500).Select(_ => new Operation())];
        foreach (Operation operation in operations)
        {
            _loop.Prepare(operation).PrepNop();
        }

        Assert.Equal(500, _loop.UnderWay);
        PollUntil(() => _loop.UnderWay == 0);
        Assert.All(operations, operation => Assert.Equal([0], operation.Results));
    }

    [Fact]
    public void An_operation_that_goes_on_stays_under_way()
    {
        using SafeFileHandle counter = Native.EventCounter();
        var operation = new Operation();
        _loop.Prepare(operation).PrepPoll((int)counter.DangerousGetHandle(), 1, multishot: true);
        for (int i = 1; i <= 3; i++)
        {
            _loop.Poll(TimeSpan.Zero);
            Native.Write(counter, BitConverter.GetBytes(1L));
            PollUntil(() => operation.Results.Count == i);
            Assert.True(operation.IsUnderWay);
        }

        _loop.Cancel(operation);
        PollUntil(() => !operation.IsUnderWay);
        Assert.Equal(-(int)Errno.ECANCELED, operation.Results[^1]);
        _loop.Cancel(operation);
        Assert.Equal(0, _loop.Ring.Unsubmitted);
    }

    [Fact]
    public void A_cancellation_never_hits_who_got_the_number_next()
    {
        using Pipe pipe = Native.Pipe();
        byte data = 0;
        var first = new Operation();
        var second = new Operation();
        _loop.Prepare(first).PrepNop();
        _loop.Ring.Submit();
        _loop.Cancel(first);
        PollUntil(() => !first.IsUnderWay);
        _loop.Prepare(second).PrepRead((int)pipe.Read.DangerousGetHandle(), &data, 1, ulong.MaxValue);
        Native.Write(pipe.Write, [1]);
        PollUntil(() => !second.IsUnderWay);
        Assert.Equal([0], first.Results);
        Assert.Equal([1], second.Results);
    }

    [Fact]
    public void A_channel_gets_what_carries_its_number()
    {
        var one = new Channel();
        var two = new Channel();
        int first = _loop.AddChannel(one);
        int second = _loop.AddChannel(two, gathers: true);
        Assert.NotEqual(first, second);
        Submit(first, 5);
        Submit(second, (1UL << 56) - 1);
        PollUntil(() => one.Seen.Count + two.Seen.Count == 2);
        Assert.Equal([(5ul, 0)], one.Seen);
        Assert.Equal([((1UL << 56) - 1, 0)], two.Seen);
        Assert.Equal(0, one.Submissions);
        Assert.NotEqual(0, two.Submissions);

        int submissions = two.Submissions;
        _loop.RemoveChannel(second);
        Submit(second, 6);
        Submit(first, 7);
        PollUntil(() => one.Seen.Count == 2);
        Assert.Single(two.Seen);
        Assert.Equal(submissions, two.Submissions);
        Assert.Equal(second, _loop.AddChannel(two));
    }

    [Fact]
    public void Nobody_gets_the_number_of_a_channel_before_all_that_it_had_under_way_has_completed()
    {
        var gone = new Channel();
        var next = new Channel();
        int number = _loop.AddChannel(gone);
        Submit(number, 1);
        Submit(number, 2);
        _loop.RemoveChannel(number, underWay: 2);

        int other = _loop.AddChannel(next);
        Assert.NotEqual(number, other);
        Submit(other, 3);
        PollUntil(() => next.Seen.Count == 1);
        Assert.Empty(gone.Seen);
        Assert.Equal(number, _loop.AddChannel(gone));
    }

    [Fact]
    public void A_loop_has_254_channels_and_the_number_that_is_nobodys_stays_nobodys()
    {
        var channels = Enumerable.Range(0, 254).Select(_ => new Channel()).ToList();
        Assert.Equal(Enumerable.Range(1, 254), channels.Select(channel => _loop.AddChannel(channel)));
        Assert.Throws<InvalidOperationException>(() => _loop.AddChannel(new Channel()));
        var operation = new Operation();
        _loop.Prepare(operation).PrepNop();
        _loop.Cancel(operation);
        PollUntil(() => !operation.IsUnderWay);
        _loop.Poll(TimeSpan.Zero);
        Assert.All(channels, channel => Assert.Empty(channel.Seen));
    }

    [Fact]
    public void An_entry_that_is_not_the_loops_completes_unseen()
    {
        _loop.Ring.GetSqe().PrepNop();
        ref io_uring_sqe far = ref _loop.Ring.GetSqe();
        far.PrepNop();
        far.user_data = 1_000_000;
        var operation = new Operation();
        _loop.Prepare(operation).PrepNop();
        PollUntil(() => !operation.IsUnderWay);
        Assert.Equal([0], operation.Results);
    }

    [Fact]
    public void An_exception_of_a_completion_leaves_Poll_and_no_other_is_lost()
    {
        var throwing = new Operation((_, _) => throw new InvalidDataException());
        Operation[] others = [.. Enumerable.Range(0, 5).Select(_ => new Operation())];
        foreach (Operation operation in (Operation[])[.. others[..2], throwing, .. others[2..]])
        {
            _loop.Prepare(operation).PrepNop();
        }

        Assert.Throws<InvalidDataException>(() => PollUntil(() => false));
        Assert.False(throwing.IsUnderWay);
        PollUntil(() => _loop.UnderWay == 0);
        Assert.All(others, operation => Assert.Equal([0], operation.Results));
    }

    [Fact]
    public void An_exception_of_work_leaves_Poll_and_no_other_is_lost()
    {
        var ran = new List<int>();
        for (int i = 0; i < 5; i++)
        {
            int number = i;
            _loop.Post(new PostedWork(() =>
            {
                ran.Add(number);
                _ = number == 2 ? throw new InvalidDataException() : 0;
            }));
        }

        Assert.Throws<InvalidDataException>(() => _loop.Poll(TimeSpan.Zero));
        Assert.Equal([0, 1, 2], ran);
        Assert.True(_loop.Poll(Timeout.InfiniteTimeSpan));
        Assert.Equal([0, 1, 2, 3, 4], ran);
    }

    [Fact]
    public void Work_that_posts_itself_waits_for_the_next_turn()
    {
        int runs = 0;
        PostedWork? work = null;
        work = new PostedWork(() =>
        {
            runs++;
            _loop.Post(work!);
        });
        Assert.True(_loop.TryPost(work));
        Assert.False(_loop.TryPost(work));
        Assert.Throws<InvalidOperationException>(() => _loop.Post(work));
        for (int i = 1; i <= 10; i++)
        {
            Assert.True(_loop.Poll(Timeout.InfiniteTimeSpan));
            Assert.Equal(i, runs);
        }
    }

    [Fact]
    public void A_turn_with_nothing_to_do_waits_as_long_as_it_may_and_no_longer()
    {
        var time = TimeSpan.FromMilliseconds(50);
        long start = Stopwatch.GetTimestamp();
        Assert.False(_loop.Poll(time));
        Assert.True(Stopwatch.GetElapsedTime(start) >= time);
        Assert.False(_loop.Poll(TimeSpan.Zero));
    }

    [Fact]
    public void An_idle_loop_uses_no_processor()
    {
        _loop.Poll(TimeSpan.FromMilliseconds(1));
        TimeSpan before = Native.ThreadProcessorTime;
        var time = TimeSpan.FromMilliseconds(500);
        long start = Stopwatch.GetTimestamp();
        Assert.False(_loop.Poll(time));
        Assert.True(Stopwatch.GetElapsedTime(start) >= time);
        Assert.InRange(Native.ThreadProcessorTime - before, TimeSpan.Zero, time / 10);
        Assert.Equal(0, _loop.Wakes);
    }

    [Fact]
    public void A_million_operations_allocate_nothing()
    {
        const int Depth = 8;
        int left = 1_000_000;
        for (int i = 0; i < Depth; i++)
        {
            Operation? operation = null;
            operation = new Operation((_, _) =>
            {
                operation!.Results.Clear();
                if (left-- > 0)
                {
                    _loop.Prepare(operation).PrepNop();
                }
            });
            _loop.Prepare(operation).PrepNop();
        }

        for (int i = 0; i < 1000; i++)
        {
            _loop.Poll(Timeout.InfiniteTimeSpan);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        while (_loop.UnderWay != 0)
        {
            _loop.Poll(Timeout.InfiniteTimeSpan);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(left < 0);

        // What the runtime needs while it compiles the loop anew is not per operation.
        Assert.InRange(allocated, 0, 10_000);
    }

    [Fact]
    public void A_thread_drives_one_loop_and_a_loop_is_driven_by_one_thread()
    {
        Assert.Same(_loop, RingLoop.Current);
        Assert.True(_loop.IsCurrent);
        _loop.Attach();
        using var other = new RingLoop();
        Assert.Throws<InvalidOperationException>(other.Attach);
        Assert.IsType<InvalidOperationException>(OtherThread.Run(_loop.Attach));
        Assert.IsType<InvalidOperationException>(OtherThread.Run(() => _loop.Poll(TimeSpan.Zero)));
        Assert.IsType<InvalidOperationException>(OtherThread.Run(() => _loop.Drain(TimeSpan.Zero)));

        _loop.Detach();
        Assert.Null(RingLoop.Current);
        Assert.Throws<InvalidOperationException>(() => _loop.Poll(TimeSpan.Zero));
        Assert.IsType<InvalidOperationException>(OtherThread.Run(_loop.Attach));
        other.Attach();
        Assert.Same(other, RingLoop.Current);
        other.Detach();
        _loop.Attach();
        Assert.False(_loop.Poll(TimeSpan.Zero));
    }

    [Fact]
    public void A_loop_without_a_single_issuer_moves_between_threads_one_at_a_time()
    {
        using var loop = new RingLoop(new RingOptions { SingleIssuer = false });
        Assert.Null(OtherThread.Run(() =>
        {
            loop.Attach();
            Assert.IsType<InvalidOperationException>(OtherThread.Run(loop.Attach));
            loop.Detach();
        }));
        _loop.Detach();
        loop.Attach();
        Assert.False(loop.Poll(TimeSpan.Zero));
    }

    [Fact]
    public void Files_get_slots_until_there_are_none_and_slots_are_used_again()
    {
        using SafeFileHandle counter = Native.EventCounter();
        int[] slots = [.. Enumerable.Range(0, RingLoop.MostFiles).Select(_ => _loop.AddFile(counter))];
        Assert.Equal(Enumerable.Range(0, RingLoop.MostFiles), slots);
        Assert.Equal(-1, _loop.AddFile(counter));
        _loop.RemoveFile(17);
        Assert.Equal(17, _loop.AddFile(counter));
    }

    [Fact]
    public void Buffer_slots_are_taken_in_runs_until_there_are_none()
    {
        Assert.Equal(0, _loop.TakeBufferSlots(100));
        Assert.Equal(100, _loop.TakeBufferSlots(RingLoop.MostBuffers - 100));
        Assert.Throws<InvalidOperationException>(() => _loop.TakeBufferSlots(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => _loop.TakeBufferSlots(0));
        Assert.NotEqual(_loop.TakeBufferGroup(), _loop.TakeBufferGroup());
    }

    private void PollUntil(Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Eventually.Limit, "It does not happen.");
            _loop.Poll(TimeSpan.FromMilliseconds(100));
        }
    }

    private void Submit(int channel, ulong data)
    {
        ref io_uring_sqe sqe = ref _loop.Ring.GetSqe();
        sqe.PrepNop();
        sqe.user_data = RingLoop.UserData(channel, data);
    }

    private sealed class Channel : IRingChannel
    {
        public List<(ulong Data, int Result)> Seen { get; } = [];

        public int Submissions { get; private set; }

        public void Completed(ulong data, int result, CqeFlags flags) => Seen.Add((data, result));

        public void Submitting() => Submissions++;
    }
}
