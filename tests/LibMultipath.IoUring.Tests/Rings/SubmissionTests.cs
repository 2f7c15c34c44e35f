using System.Diagnostics;
using LibMultipath.Block;
using LibMultipath.IoUring.Abi;
using LibMultipath.IoUring.Tests.Kit;
using LibMultipath.Tests.Kit;

namespace LibMultipath.IoUring.Tests.Rings;

public sealed unsafe class SubmissionTests
{
    private const uint NopWithExtra = 1 << 5; // IORING_NOP_CQE32

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void Entries_of_every_size_go_round_the_queues_many_times(bool largeSubmissions, bool largeCompletions)
    {
        using Ring ring = RingExtensions.MakeRing(new RingOptions { Entries = 8, LargeSubmissions = largeSubmissions, LargeCompletions = largeCompletions });
        ulong next = 0;
        for (int batch = 1; batch <= 8; batch++)
        {
            for (int i = 0; i < batch; i++)
            {
                ring.GetSqe(next + (ulong)i).PrepNop();
            }

            Assert.Equal(batch, ring.Unsubmitted);
            Assert.Equal(batch, ring.Submit());
            Assert.Equal(0, ring.Unsubmitted);
            for (int i = 0; i < batch; i++)
            {
                Assert.Equal(new RingCompletion(next++, 0, CqeFlags.None), ring.Next());
            }
        }

        Assert.False(ring.TryGetCompletion(out _));
    }

    [Fact]
    public void A_large_completion_has_two_words_more()
    {
        using Ring ring = RingExtensions.MakeRing(new RingOptions { LargeCompletions = true });
        ref io_uring_sqe sqe = ref ring.GetSqe(7);
        sqe.PrepNop();
        sqe.op_flags = NopWithExtra;
        sqe.off = 0x1111_2222_3333_4444;
        sqe.addr = 0x5555_6666_7777_8888;
        RingCompletion completion = ring.Next();
        if (completion.Result == -(int)Errno.EINVAL)
        {
            Assert.True(Environment.OSVersion.Version < new Version(6, 18), "The kernel should know it.");
            return;
        }

        Assert.Equal(new RingCompletion(7, 0, CqeFlags.None, 0x1111_2222_3333_4444, 0x5555_6666_7777_8888), completion);
    }

    [Fact]
    public void An_entry_is_zero_whatever_was_there_before()
    {
        using Ring ring = RingExtensions.MakeRing(new RingOptions { Entries = 1, LargeSubmissions = true });
        for (int round = 0; round < 3; round++)
        {
            ref io_uring_sqe sqe = ref ring.GetSqe();
            fixed (io_uring_sqe* start = &sqe)
            {
                var bytes = new Span<byte>(start, 128);
                Assert.Equal(-1, bytes.IndexOfAnyExcept((byte)0));
                bytes[64..].Fill(0xFF);
                sqe.PrepNop();
                Assert.True((byte*)sqe.Command == (byte*)start + 48);
            }

            ring.Next();
        }
    }

    [Fact]
    public void A_full_queue_submits_by_itself()
    {
        using Ring ring = RingExtensions.MakeRing(new RingOptions { Entries = 4, CompletionEntries = 512 });
        for (ulong i = 0; i < 100; i++)
        {
            ring.GetSqe(i).PrepNop();
            Assert.InRange(ring.Unsubmitted, 1, 4);
        }

        Assert.Equal(100, ring.Next(100).Count);
    }

    [Fact]
    public void Reserve_keeps_a_chain_in_one_submission()
    {
        using Ring ring = RingExtensions.MakeRing(new RingOptions { Entries = 4 });
        for (ulong i = 0; i < 3; i++)
        {
            ring.GetSqe(i).PrepNop();
        }

        ring.Reserve(1);
        Assert.Equal(3, ring.Unsubmitted);
        ring.Reserve(2);
        Assert.Equal(0, ring.Unsubmitted);
        ring.Next(3);
        Assert.Throws<ArgumentOutOfRangeException>(() => ring.Reserve(5));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void No_completion_is_lost_when_hundreds_do_not_fit(bool singleIssuer)
    {
        const int Count = 600;
        using Ring ring = RingExtensions.MakeRing(new RingOptions { Entries = 4, CompletionEntries = 4, SingleIssuer = singleIssuer });
        for (ulong i = 0; i < Count; i++)
        {
            ring.GetSqe(i).PrepNop();
        }

        ring.Submit();
        var seen = new HashSet<ulong>();
        while (ring.TryGetCompletion(out RingCompletion completion))
        {
            Assert.True(seen.Add(completion.UserData), $"{completion.UserData} came twice.");
        }

        Assert.Equal(Count, seen.Count);
    }

    [Fact]
    public void An_entry_that_is_refused_does_not_keep_those_behind_it_back()
    {
        using Ring ring = RingExtensions.MakeRing();
        ring.GetSqe(1).opcode = (IoUringOp)255;
        ring.GetSqe(2).PrepNop();
        Dictionary<ulong, RingCompletion> completions = ring.Next(2);
        Assert.Equal(-(int)Errno.EINVAL, completions[1].Result);
        Assert.Equal(0, completions[2].Result);
    }

    [Fact]
    public void A_wait_ends_with_its_time_and_not_before()
    {
        using Ring ring = RingExtensions.MakeRing();
        var time = TimeSpan.FromMilliseconds(30);
        long start = Stopwatch.GetTimestamp();
        Assert.False(ring.SubmitAndWait(1, time));
        Assert.True(Stopwatch.GetElapsedTime(start) >= time);
        Assert.False(ring.SubmitAndWait(1, TimeSpan.Zero));
        Assert.True(ring.SubmitAndWait(0, TimeSpan.Zero));
    }

    [Fact]
    public void A_wait_for_several_waits_for_all_of_them()
    {
        using Ring ring = RingExtensions.MakeRing();
        var time = new __kernel_timespec { tv_nsec = 20_000_000 };
        ring.GetSqe(1).PrepNop();
        ring.GetSqe(2).PrepTimeout(&time);
        Assert.True(ring.SubmitAndWait(2, Eventually.Limit));
        Assert.Equal(-(int)Errno.ETIME, ring.Next(2)[2].Result);
    }

    [Fact]
    public void Signals_interrupt_no_wait_and_lose_nothing()
    {
        using Pipe pipe = Native.Pipe();
        int waiter = 0;
        int received = 0;
        bool timedOut = false;
        Thread thread = OtherThread.Start(() =>
        {
            using Ring ring = RingExtensions.MakeRing(new RingOptions { Entries = 4 });
            byte value = 0;
            Volatile.Write(ref waiter, Native.ThreadId);
            for (int i = 0; i < 200 && !timedOut; i++)
            {
                ring.GetSqe((ulong)i).PrepRead((int)pipe.Read.DangerousGetHandle(), &value, 1, ulong.MaxValue);
                timedOut = !ring.SubmitAndWait(1, Eventually.Limit);
                timedOut |= !ring.TryGetCompletion(out RingCompletion completion) || completion.Result != 1 || value != (byte)i;
                Volatile.Write(ref received, i + 1);
            }
        });
        Eventually.True(() => Volatile.Read(ref waiter) != 0, "the other thread to begin");
        for (int i = 0; i < 200; i++)
        {
            for (int signal = 0; signal < 10; signal++)
            {
                Native.Interrupt(waiter);
            }

            Assert.Equal(i, Volatile.Read(ref received));
            Native.Write(pipe.Write, [(byte)i]);
            Eventually.True(() => Volatile.Read(ref received) == i + 1 || !thread.IsAlive, "the byte to be read");
        }

        OtherThread.Join(thread);
        Assert.False(timedOut);
    }

    [Fact]
    public void A_timeout_is_kept_however_often_a_signal_interrupts_it()
    {
        var time = TimeSpan.FromMilliseconds(100);
        int waiter = 0;
        TimeSpan lasted = default;
        Thread thread = OtherThread.Start(() =>
        {
            using Ring ring = RingExtensions.MakeRing();
            long start = Stopwatch.GetTimestamp();
            Volatile.Write(ref waiter, Native.ThreadId);
            ring.SubmitAndWait(1, time);
            lasted = Stopwatch.GetElapsedTime(start);
            Volatile.Write(ref waiter, -1);
        });
        Eventually.True(() => Volatile.Read(ref waiter) != 0, "the other thread to begin");
        for (int id; (id = Volatile.Read(ref waiter)) > 0 && thread.IsAlive;)
        {
            Native.Interrupt(id);
            Thread.Yield();
        }

        OtherThread.Join(thread);
        Assert.True(lasted >= time, $"{lasted}");
    }

    [Fact]
    public void Another_thread_than_the_issuer_gets_an_exception_that_says_so()
    {
        using Ring ring = RingExtensions.MakeRing();
        ring.GetSqe(1).PrepNop();
        foreach (Action use in (Action[])[() => ring.Submit(), () => ring.SubmitAndWait(1, TimeSpan.Zero), () => ring.RegisterFiles(1)])
        {
            Assert.Contains("thread", Assert.IsType<InvalidOperationException>(OtherThread.Run(use)).Message, StringComparison.Ordinal);
        }

        Assert.Equal(1ul, ring.Next().UserData);
    }

    [Fact]
    public void The_issuer_is_who_enables_and_not_who_makes_the_ring()
    {
        using Ring ring = Ring.Create();
        Assert.Null(OtherThread.Run(() =>
        {
            ring.Enable();
            ring.GetSqe(1).PrepNop();
            ring.Next();
        }));
        Assert.Throws<InvalidOperationException>(() => ring.SubmitAndWait(1, TimeSpan.Zero));
    }

    [Fact]
    public void A_ring_without_a_single_issuer_may_be_used_by_one_thread_after_the_other()
    {
        using Ring ring = Ring.Create(new RingOptions { SingleIssuer = false });
        ring.GetSqe(1).PrepNop();
        Assert.Null(OtherThread.Run(() => Assert.Equal(1ul, ring.Next().UserData)));
        ring.GetSqe(2).PrepNop();
        Assert.Equal(2ul, ring.Next().UserData);
    }

    [Fact]
    public void A_ring_that_is_not_enabled_says_so()
    {
        using Ring ring = Ring.Create();
        ring.GetSqe(1).PrepNop();
        Assert.Contains("Enable", Assert.Throws<InvalidOperationException>(() => ring.Submit()).Message, StringComparison.Ordinal);
        ring.Enable();
        ring.Enable();
        Assert.Equal(1ul, ring.Next().UserData);
    }

    [Fact]
    public void What_a_kernel_supports_can_be_asked()
    {
        using Ring ring = Ring.Create();
        Assert.True(ring.Supports(IoUringOp.Nop));
        Assert.True(ring.Supports(IoUringOp.Fallocate));
        Assert.False(ring.Supports((IoUringOp)255));
        Assert.Equal(Environment.OSVersion.Version >= new Version(6, 7), ring.Supports(IoUringOp.ReadMultishot));
    }
}
