using LibMultipath.Block;
using LibMultipath.RingBuffer.Tests.Kit;

namespace LibMultipath.RingBuffer.Tests.Drains;

/// <summary>Whom a drain wakes. The sleeper is one of the tests' own: it tells a wake from a change of the position.</summary>
public sealed class WakeupTests
{
    public enum Content
    {
        Nothing,
        Records,
        Discards,
        Busy,
        Malformed,
    }

    [Theory]
    [InlineData(Content.Records, UserRingDrainFlags.None, true)]
    [InlineData(Content.Discards, UserRingDrainFlags.None, true)]
    [InlineData(Content.Nothing, UserRingDrainFlags.None, false)]
    [InlineData(Content.Busy, UserRingDrainFlags.None, false)]
    [InlineData(Content.Malformed, UserRingDrainFlags.None, false)]
    [InlineData(Content.Records, UserRingDrainFlags.NoWakeup, false)]
    [InlineData(Content.Discards, UserRingDrainFlags.NoWakeup, false)]
    [InlineData(Content.Records, UserRingDrainFlags.ForceWakeup, true)]
    [InlineData(Content.Nothing, UserRingDrainFlags.ForceWakeup, true)]
    [InlineData(Content.Busy, UserRingDrainFlags.ForceWakeup, true)]
    [InlineData(Content.Malformed, UserRingDrainFlags.ForceWakeup, true)]
    [InlineData(Content.Nothing, UserRingDrainFlags.ForceWakeup | UserRingDrainFlags.NoWakeup, true)]
    public unsafe void A_drain_wakes_a_producer(Content content, UserRingDrainFlags flags, bool wakes)
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        using var raw = new RawRing(ring);
        UserRingReservation reservation = default;
        switch (content)
        {
            case Content.Records:
                producer.Produce(8);
                break;
            case Content.Discards:
                producer.ProduceDiscarded(8);
                break;
            case Content.Busy:
                producer.TryReserve(8, out reservation);
                break;
            case Content.Malformed:
                raw.Post(header: 8, produced: 3);
                break;
        }

        using var sleeper = new Sleeper(raw.Memory.RoomWord, &raw.Memory.Producer->Sleepers);
        ring.Skim(flags);
        if (!wakes)
        {
            Assert.True(sleeper.Sleeps);
            ring.Skim(UserRingDrainFlags.ForceWakeup);
        }

        sleeper.AssertWoken();
        reservation.Dispose();
    }

    [Fact]
    public void A_blocked_producer_sleeps_on_through_drains_without_wakeup_until_one_wakes()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        using var raw = new RawRing(ring);
        producer.Fill(ring.Size - 8);
        using var waiter = producer.ReserveOnOtherThread();
        Eventually.True(() => raw.ProducersAsleep == 1 && Threads.AnySleepsOnSharedMemory(), "the producer to sleep");

        Assert.Equal(1, ring.Skim(UserRingDrainFlags.NoWakeup).Count);
        Assert.True(Threads.AnySleepsOnSharedMemory());
        Assert.Equal(1, raw.ProducersAsleep);

        Assert.Equal(0, ring.Skim(UserRingDrainFlags.ForceWakeup).Count);
        waiter.Join();
        Assert.Single(ring.Take());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public unsafe void A_record_that_is_given_up_wakes_the_consumer_that_sleeps(bool submit)
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        using var raw = new RawRing(ring);
        Assert.Equal(Errno.None, producer.TryReserve(8, out UserRingReservation reservation));
        using var sleeper = new Sleeper(raw.Memory.RecordWord, &raw.Memory.Consumer->Sleepers);
        if (submit)
        {
            reservation.Submit();
        }
        else
        {
            reservation.Discard();
        }

        sleeper.AssertWoken();
        Assert.Equal(1u, *raw.Memory.RecordWord);
    }

    [Fact]
    public unsafe void A_record_wakes_nobody_while_nobody_sleeps()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        using var raw = new RawRing(ring);
        producer.Produce(8);

        Assert.Equal(0u, *raw.Memory.RecordWord);
    }
}
