using System.Diagnostics;
using LibMultipath.Block;
using LibMultipath.RingBuffer.Tests.Kit;

namespace LibMultipath.RingBuffer.Tests.Waits;

public sealed class RoomTests
{
    [Fact]
    public async Task A_time_below_minus_1_is_EINVAL()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();

        Assert.Equal(Errno.EINVAL, producer.ReserveBlocking(8, -2, out _));
        Assert.Equal(Errno.EINVAL, producer.ReserveBlocking(8, int.MinValue, out _));
        Assert.Equal(Errno.EINVAL, await producer.WaitForRoomAsync(8, -2));
        Assert.Equal(Errno.EINVAL, await producer.WriteAsync(new byte[8], -2));
        Assert.Equal(ring.Size, producer.Free);
    }

    [Fact]
    public async Task A_time_of_0_does_not_wait()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        Assert.Equal(Errno.None, producer.ReserveBlocking(8, 0, out UserRingReservation reservation));
        reservation.Submit();
        producer.Fill(0);

        Assert.Equal(Errno.ENOSPC, producer.ReserveBlocking(8, 0, out _));
        Assert.True(producer.WaitForRoomAsync(8, 0) is { IsCompleted: true, Result: Errno.ENOSPC });
        Assert.Equal(Errno.ENOSPC, await producer.WriteAsync(new byte[8], 0));
    }

    [Fact]
    public async Task After_the_time_it_is_ENOSPC()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        producer.Fill(0);
        long begin = Stopwatch.GetTimestamp();

        Assert.Equal(Errno.ENOSPC, producer.ReserveBlocking(8, 30, out _));
        Assert.InRange(Stopwatch.GetElapsedTime(begin).TotalMilliseconds, 29, 30_000);
        Assert.Equal(Errno.ENOSPC, await producer.WaitForRoomAsync(8, 30));
        Assert.Equal(Errno.ENOSPC, await producer.WriteAsync(new byte[8], 30));
        Assert.InRange(Stopwatch.GetElapsedTime(begin).TotalMilliseconds, 85, 30_000);
    }

    [Fact]
    public void After_the_time_there_is_one_last_try()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        using var raw = new RawRing(ring);
        producer.Fill(ring.Size - 8);
        using var waiter = producer.ReserveOnOtherThread(6_000);
        Eventually.True(() => raw.ProducersAsleep == 1 && Threads.AnySleepsOnSharedMemory(), "the producer to sleep");

        // Nobody wakes it, and there is room when its time is over.
        Assert.Equal(1, ring.Skim(UserRingDrainFlags.NoWakeup).Count);
        waiter.Join();
        Assert.Single(ring.Take());
    }

    [Fact]
    public void Room_that_is_not_enough_does_not_end_the_wait()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        using var raw = new RawRing(ring);
        producer.Produce(24);
        producer.Fill(56);
        producer.Fill(0);
        using var waiter = new OtherThread(() =>
        {
            Assert.Equal(Errno.None, producer.ReserveBlocking(56, -1, out UserRingReservation reservation));
            reservation.Submit();
        });
        Eventually.True(() => raw.ProducersAsleep == 1 && Threads.AnySleepsOnSharedMemory(), "the producer to sleep");

        Assert.Equal(1, ring.Drain(static (scoped in _) => 1).Count);
        Assert.True(waiter.IsAlive);
        Assert.Equal(1, ring.Drain(static (scoped in _) => 1).Count);
        waiter.Join();
    }

    /// <summary>The wait uses no processor: a part-full ring is no reason to spin.</summary>
    [Fact]
    public void A_wait_in_a_part_full_ring_does_not_spin()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        producer.Produce(ring.Size - 64);
        TimeSpan used = TimeSpan.Zero;
        using (var waiter = new OtherThread(() =>
        {
            TimeSpan before = Threads.Used;
            Assert.Equal(Errno.ENOSPC, producer.ReserveBlocking(128, 500, out _));
            used = Threads.Used - before;
        }))
        {
        }

        Assert.InRange(used.TotalMilliseconds, 0, 200);
    }

    [Fact]
    public void A_wait_is_cancelled()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        using var raw = new RawRing(ring);
        using var cancellation = new CancellationTokenSource();
        producer.Fill(0);
        using (var waiter = new OtherThread(() =>
            Assert.Throws<OperationCanceledException>(() => producer.ReserveBlocking(8, -1, out _, cancellation.Token))))
        {
            Eventually.True(() => raw.ProducersAsleep == 1, "the producer to wait");
            cancellation.Cancel();
        }

        Assert.Equal(0, raw.ProducersAsleep);
        Assert.Throws<OperationCanceledException>(() => producer.ReserveBlocking(8, -1, out _, cancellation.Token));
    }

    [Fact]
    public async Task An_asynchronous_wait_is_cancelled()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        using var cancellation = new CancellationTokenSource();
        producer.Fill(0);
        Task<Errno> wait = producer.WaitForRoomAsync(8, -1, cancellation.Token).AsTask();
        Task<Errno> write = producer.WriteAsync(new byte[8], -1, cancellation.Token).AsTask();
        Assert.False(wait.IsCompleted);
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await producer.WaitForRoomAsync(8, -1, cancellation.Token));
    }

    [Fact]
    public async Task Many_asynchronous_waits_sleep_on_one_thread_and_all_end()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        using var raw = new RawRing(ring);
        int filled = producer.Fill(0);
        Task<Errno>[] waits = [.. Enumerable.Range(0, 50).Select(_ => producer.WaitForRoomAsync(8, -1).AsTask())];
        await Eventually.TrueAsync(() => raw.ProducersAsleep == 1, "the thread to sleep");
        Assert.DoesNotContain(waits, wait => wait.IsCompleted);

        Assert.Equal(filled, ring.Skim().Count);
        Assert.All(await Task.WhenAll(waits).WaitAsync(Eventually.Limit), each => Assert.Equal(Errno.None, each));
        Assert.Equal(Errno.E2BIG, await producer.WaitForRoomAsync(ring.Size, -1));
    }

    [Fact]
    public async Task Written_asynchronously_every_record_comes_once_and_in_order()
    {
        const int Records = 20_000;
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        int next = 0;
        Task writer = Task.Run(async () =>
        {
            for (int i = 0; i < Records; i++)
            {
                Assert.Equal(Errno.None, await producer.WriteAsync(BitConverter.GetBytes(i)));
            }
        });
        while (next < Records)
        {
            Assert.Equal(Errno.None, await ring.WaitAsync(30_000));
            Assert.Equal(Errno.None, ring.Drain((scoped in UserRingRecord record) =>
            {
                Assert.Equal(next++, BitConverter.ToInt32(record.Data));
                return 0;
            }).Error);
        }

        await writer;
    }

    [Fact]
    public async Task Disposing_the_producer_ends_its_waits()
    {
        using UserRingBuffer ring = Rings.Make();
        UserRingProducer producer = ring.OpenProducer();
        using var raw = new RawRing(ring);
        producer.Fill(0);
        Task<Errno> awaiting = producer.WaitForRoomAsync(8, -1).AsTask();
        using (var waiter = new OtherThread(() => Assert.Throws<ObjectDisposedException>(() => producer.ReserveBlocking(8, -1, out _))))
        {
            Eventually.True(() => raw.ProducersAsleep == 2, "both to wait");
            producer.Dispose();
        }

        await Assert.ThrowsAsync<ObjectDisposedException>(() => awaiting).WaitAsync(Eventually.Limit);
        Assert.Equal(0, raw.ProducersAsleep);
    }
}
