using LibMultipath.Block;
using LibMultipath.RingBuffer.Tests.Kit;

namespace LibMultipath.RingBuffer.Tests.Recovery;

/// <summary>A producer that dies, as the ring sees it: what it has reserved is busy, and nobody has its lock. Killed processes are in Processes.</summary>
public sealed class DeadProducerTests
{
    [Fact]
    public void A_record_that_stays_busy_is_told_when_its_producer_is_gone()
    {
        using UserRingBuffer ring = Rings.Make();
        using var raw = new RawRing(ring);
        using (UserRingProducer producer = ring.OpenProducer())
        {
            producer.Produce(8, 1);
        }

        Die(raw, busy: 1);

        Assert.Equal(1, ring.Skim().Count);
        Assert.Equal(new UserRingDrain(0, Errno.EOWNERDEAD), ring.Skim());
        Assert.Equal(new UserRingDrain(0, Errno.EOWNERDEAD), ring.Skim());
        Assert.Equal(Errno.None, ring.Wait(-1));
        Assert.Null(ring.Fault);
    }

    [Fact]
    public void A_consumer_that_waits_finds_out()
    {
        using UserRingBuffer ring = Rings.Make();
        using var raw = new RawRing(ring);
        UserRingProducer producer = ring.OpenProducer();
        Die(raw, busy: 1);
        using var consumer = new OtherThread(() => Assert.Equal(Errno.None, ring.Wait(-1)));
        Eventually.True(() => raw.ConsumersAsleep == 1 && Threads.AnySleepsOnSharedMemory(), "the consumer to sleep");

        // A header that cannot be is nothing that the producer waits for.
        uint header = raw.HeaderAt(0);
        raw.HeaderAt(0) = RecordHeader.Busy | 4096;
        producer.Dispose();
        raw.HeaderAt(0) = header;
        consumer.Join();
        Assert.Equal(Errno.EOWNERDEAD, ring.Skim().Error);
    }

    [Fact]
    public void Skipping_keeps_what_was_submitted_in_its_order()
    {
        using UserRingBuffer ring = Rings.Make();
        using var raw = new RawRing(ring);
        using (UserRingProducer producer = ring.OpenProducer())
        {
            producer.Produce(8, 1);
            producer.Produce(16, 2);
            producer.ProduceDiscarded(8);
            producer.Produce(24, 3);
            producer.Produce(8, 4);
        }

        raw.HeaderAt(0) |= RecordHeader.Busy;
        raw.HeaderAt(16 + 24 + 16) |= RecordHeader.Busy;

        Assert.Equal(Errno.EOWNERDEAD, ring.Skim().Error);
        Assert.Equal(Errno.None, ring.SkipDead(out int count));
        Assert.Equal(2, count);
        Assert.Equal([2, 4], ring.Take().Select(record => (int)record[0]));
        Assert.Equal(Errno.None, ring.SkipDead(out count));
        Assert.Equal(0, count);

        using UserRingProducer next = ring.OpenProducer();
        next.Produce(ring.Size - 8, 5);
        Assert.Equal(5, Assert.Single(ring.Take())[0]);
    }

    [Fact]
    public void A_new_producer_discards_what_a_dead_one_has_left()
    {
        using UserRingBuffer ring = Rings.Make();
        using var raw = new RawRing(ring);
        Die(raw, busy: 3);
        using UserRingProducer producer = ring.OpenProducer();
        producer.Produce(8, 7);

        Assert.Equal(7, Assert.Single(ring.Take())[0]);
    }

    [Fact]
    public void Nothing_of_a_producer_that_is_there_is_skipped()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        producer.TryReserve(8, out UserRingReservation reservation);

        Assert.Equal(Errno.EBUSY, ring.SkipDead(out int count));
        Assert.Equal(0, count);
        Assert.Empty(ring.Take());
        reservation.Submit();
        Assert.Single(ring.Take());
    }

    [Fact]
    public void A_consumer_that_takes_over_goes_on_where_the_last_one_was_and_wakes_producers()
    {
        UserRingBuffer first = Rings.Make();
        using UserRingDescriptors descriptors = first.DescriptorsForConsumer();
        using UserRingProducer producer = first.OpenProducer();
        using var raw = new RawRing(first);
        producer.Produce(8, 1);
        producer.Produce(8, 2);
        int filled = producer.Fill(8);
        Assert.Equal(1, first.Drain(static (scoped in _) => 1).Count);
        Assert.Equal(Errno.None, producer.TryWrite(new byte[8]));
        Assert.Equal(Errno.EBUSY, Assert.Throws<UserRingException>(() => UserRingBuffer.TakeOver(descriptors)).Errno);
        using var waiter = producer.ReserveOnOtherThread();
        Eventually.True(() => raw.ProducersAsleep == 1 && Threads.AnySleepsOnSharedMemory(), "the producer to sleep");

        // It dies before it has woken anybody, and while it is counted as asleep.
        Assert.Equal(1, first.Drain(static (scoped in _) => 1, UserRingDrainFlags.NoWakeup).Count);
        Volatile.Write(ref Sleepers(raw), 1);
        first.Dispose();

        using UserRingBuffer second = UserRingBuffer.TakeOver(descriptors);
        waiter.Join();
        Assert.Equal(0, raw.ConsumersAsleep);
        Assert.Equal(filled + 2, second.Take().Count);
    }

    [Fact]
    public void A_position_tells_a_record_that_is_given_again()
    {
        UserRingBuffer first = Rings.Make();
        using UserRingDescriptors descriptors = first.DescriptorsForConsumer();
        using UserRingProducer producer = first.OpenProducer();
        using var raw = new RawRing(first);
        for (byte i = 0; i < 4; i++)
        {
            producer.Produce(8, i);
        }

        var positions = new List<ulong>();
        ulong noted = 0;
        Note(first, stopAt: 2);

        // As it would be had it died before it noted that the handler returned.
        noted = positions[^1];
        raw.Consumed = noted;
        first.Dispose();
        using UserRingBuffer second = UserRingBuffer.TakeOver(descriptors);
        Note(second, stopAt: 10);

        Assert.Equal([0, 16, 16, 32, 48], positions);
        Assert.Equal(16ul, noted);

        void Note(UserRingBuffer ring, int stopAt) => ring.Drain((scoped in UserRingRecord record) =>
        {
            positions.Add(record.Position);
            return positions.Count == stopAt ? 1 : 0;
        });
    }

    private static unsafe ref int Sleepers(RawRing raw) => ref raw.Memory.Consumer->Sleepers;

    /// <summary>What a producer leaves that died between reserving and giving up.</summary>
    private static void Die(RawRing raw, int busy)
    {
        for (int i = 0; i < busy; i++)
        {
            raw.Post(RecordHeader.Busy | 8, raw.Produced + 16);
        }
    }
}
