using LibMultipath.Block;
using LibMultipath.RingBuffer.Tests.Kit;

namespace LibMultipath.RingBuffer.Tests.Waits;

public sealed class RecordTests
{
    [Fact]
    public async Task A_time_below_minus_1_is_EINVAL_and_0_does_not_wait()
    {
        using UserRingBuffer ring = Rings.Make();

        Assert.Equal(Errno.EINVAL, ring.Wait(-2));
        Assert.Equal(Errno.EINVAL, await ring.WaitAsync(-2));
        Assert.Equal(Errno.ETIMEDOUT, ring.Wait(0));
        Assert.Equal(Errno.ETIMEDOUT, await ring.WaitAsync(0));
        Assert.Equal(Errno.ETIMEDOUT, ring.Wait(30));
        Assert.Equal(Errno.ETIMEDOUT, await ring.WaitAsync(30));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_record_that_is_given_up_wakes_the_consumer(bool discarded)
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        using var raw = new RawRing(ring);
        using var consumer = new OtherThread(() => Assert.Equal(Errno.None, ring.Wait(-1)));
        Eventually.True(() => raw.ConsumersAsleep == 1 && Threads.AnySleepsOnSharedMemory(), "the consumer to sleep");

        producer.TryReserve(8, out UserRingReservation reservation);
        Assert.True(consumer.IsAlive);
        if (discarded)
        {
            reservation.Discard();
        }
        else
        {
            reservation.Submit();
        }

        consumer.Join();
        Assert.Equal(0, raw.ConsumersAsleep);
        Assert.Equal(discarded ? 0 : 1, ring.Skim().Count);
    }

    [Fact]
    public async Task A_consumer_that_awaits_is_woken()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        for (int i = 0; i < 100; i++)
        {
            Task<Errno> wait = ring.WaitAsync(-1).AsTask();
            Assert.False(wait.IsCompleted);
            producer.Produce(8);
            Assert.Equal(Errno.None, await wait.WaitAsync(Eventually.Limit));
            Assert.Equal(1, ring.Skim().Count);
        }
    }

    [Fact]
    public void A_record_behind_one_that_is_busy_is_waited_for()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        producer.TryReserve(8, out UserRingReservation first);
        producer.Produce(8);

        Assert.Equal(Errno.ETIMEDOUT, ring.Wait(20));
        first.Submit();
        Assert.Equal(Errno.None, ring.Wait(0));
    }

    [Fact]
    public void What_is_malformed_is_something_to_say()
    {
        using UserRingBuffer ring = Rings.Make();
        using var raw = new RawRing(ring);
        raw.Post(header: 8, produced: 3);

        Assert.Equal(Errno.None, ring.Wait(-1));
        Assert.Equal(Errno.EINVAL, ring.Skim().Error);
    }

    [Fact]
    public void A_wait_is_cancelled()
    {
        using UserRingBuffer ring = Rings.Make();
        using var raw = new RawRing(ring);
        using var cancellation = new CancellationTokenSource();
        using (var waiter = new OtherThread(() => Assert.Throws<OperationCanceledException>(() => ring.Wait(-1, cancellation.Token))))
        {
            Eventually.True(() => raw.ConsumersAsleep == 1, "the consumer to wait");
            cancellation.Cancel();
        }

        Assert.Throws<OperationCanceledException>(() => ring.Wait(-1, cancellation.Token));
    }

    [Fact]
    public async Task An_asynchronous_wait_is_cancelled()
    {
        using UserRingBuffer ring = Rings.Make();
        using var cancellation = new CancellationTokenSource();
        Task<Errno> wait = ring.WaitAsync(-1, cancellation.Token).AsTask();
        Assert.False(wait.IsCompleted);
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
    }

    [Fact]
    public async Task Disposing_the_ring_ends_its_waits()
    {
        UserRingBuffer ring = Rings.Make();
        using var raw = new RawRing(ring);
        Task<Errno> awaiting = ring.WaitAsync(-1).AsTask();
        using (var waiter = new OtherThread(() => Assert.Throws<ObjectDisposedException>(() => ring.Wait(-1))))
        {
            Eventually.True(() => raw.ConsumersAsleep == 2, "both to wait");
            ring.Dispose();
        }

        await Assert.ThrowsAsync<ObjectDisposedException>(() => awaiting).WaitAsync(Eventually.Limit);
        Assert.Equal(0, raw.ConsumersAsleep);
    }
}
