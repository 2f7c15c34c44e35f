using System.Runtime.CompilerServices;
using LibMultipath.RingBuffer.Tests.Kit;

namespace LibMultipath.RingBuffer.Tests.Waits;

/// <summary>The thread that sleeps for those who await.</summary>
public sealed class AwaitingThreadTests
{
    [Fact]
    public async Task It_counts_as_asleep_only_while_somebody_awaits()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        using var raw = new RawRing(ring);
        using UserRingDescriptors descriptors = ring.DescriptorsForConsumer();
        var point = new RecordPoint(raw.Memory, descriptors.ConsumerPage, descriptors.Data) { Linger = Timeout.InfiniteTimeSpan };
        for (int i = 0; i < 10; i++)
        {
            Task<bool> awaiting = point.WaitAsync(0, -1, default).AsTask();
            Assert.Equal(1, raw.ConsumersAsleep);
            producer.Produce(8);
            Assert.True(await awaiting.WaitAsync(Eventually.Limit));
            Eventually.True(() => raw.ConsumersAsleep == 0, "nobody to be counted as asleep");
            ring.Skim();
        }

        point.Close();
        Assert.Equal(0, raw.ConsumersAsleep);
    }

    [Fact]
    public async Task Who_has_given_up_awaiting_does_not_count_as_asleep()
    {
        using UserRingBuffer ring = Rings.Make();
        using var raw = new RawRing(ring);
        using UserRingDescriptors descriptors = ring.DescriptorsForConsumer();
        var point = new RecordPoint(raw.Memory, descriptors.ConsumerPage, descriptors.Data) { Linger = Timeout.InfiniteTimeSpan };

        Assert.False(await point.WaitAsync(0, 20, default));
        Eventually.True(() => raw.ConsumersAsleep == 0, "nobody to be counted as asleep");
        point.Close();
    }

    [Fact]
    public async Task One_that_cannot_be_started_fails_the_await_and_leaves_nothing_behind()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        using var raw = new RawRing(ring);
        using UserRingDescriptors descriptors = ring.DescriptorsForConsumer();
        producer.Fill(ring.Size - 8);
        bool fails = true;
        var point = new RoomPoint(raw.Memory, descriptors.Data)
        {
            StartThread = thread =>
            {
                if (fails)
                {
                    throw new OutOfMemoryException();
                }

                thread.Start();
            },
        };

        await Assert.ThrowsAsync<OutOfMemoryException>(async () => await point.WaitAsync(8, -1, default));
        Assert.Equal(0, raw.ProducersAsleep);

        fails = false;
        Task<bool> awaiting = point.WaitAsync(8, -1, default).AsTask();
        ring.Skim();
        Assert.True(await awaiting.WaitAsync(Eventually.Limit));
        using var closing = new OtherThread(point.Close);
    }

    [Fact]
    public void A_producer_that_was_forgotten_leaves_no_sleeper_behind()
    {
        using UserRingBuffer ring = Rings.Make();
        using var raw = new RawRing(ring);
        Forget(ring);
        Eventually.True(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return !ring.HasProducer;
            },
            "the producer to go");

        Assert.Equal(0, raw.ProducersAsleep);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Forget(UserRingBuffer ring)
    {
        UserRingProducer producer = ring.OpenProducer();
        producer.Fill(ring.Size - 8);
        Task awaiting = producer.WaitForRoomAsync(8, -1).AsTask();
        ring.Skim();
        Assert.True(awaiting.Wait(Eventually.Limit));
    }
}
