using LibMultipath.Block;
using LibMultipath.RingBuffer.Tests.Kit;

namespace LibMultipath.RingBuffer.Tests.Drains;

public sealed class DrainTests
{
    [Fact]
    public void A_drain_takes_at_most_131072_records()
    {
        const int Most = 131_072;
        using UserRingBuffer ring = Rings.Make(4 << 20);
        using UserRingProducer producer = ring.OpenProducer();
        for (int i = 0; i < Most + 3; i++)
        {
            producer.Produce(0);
        }

        Assert.Equal(Most, UserRingBuffer.MaxRecordsPerDrain);
        Assert.Equal(new UserRingDrain(Most, Errno.None), ring.Skim());
        Assert.Equal(new UserRingDrain(3, Errno.None), ring.Skim());
    }

    [Fact]
    public void Discarded_records_count_towards_the_limit_and_not_the_result()
    {
        using UserRingBuffer ring = Rings.Make(4 << 20);
        using UserRingProducer producer = ring.OpenProducer();
        for (int i = 0; i < 131_072 / 2; i++)
        {
            producer.ProduceDiscarded(0);
            producer.Produce(0);
        }

        producer.Produce(0);

        Assert.Equal(new UserRingDrain(131_072 / 2, Errno.None), ring.Skim());
        Assert.Equal(new UserRingDrain(1, Errno.None), ring.Skim());
    }

    [Fact]
    public void A_callback_that_returns_1_stops_after_that_record()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        for (byte i = 0; i < 5; i++)
        {
            producer.Produce(1, i);
        }

        Assert.Equal(new UserRingDrain(3, Errno.None), ring.Drain((scoped in UserRingRecord record) => record.Data[0] == 2 ? 1 : 0));
        Assert.Equal([3, 4], ring.Take().Select(record => (int)record[0]));
    }

    [Fact]
    public void A_discarded_record_is_skipped_between_others()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        producer.Produce(3, 1);
        producer.ProduceDiscarded(100);
        producer.Produce(5, 2);

        Assert.Equal([3, 5], ring.Take().Select(record => record.Length));
    }

    [Fact]
    public void A_record_that_is_busy_stops_the_drain_and_the_ones_before_it_are_taken()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        producer.Produce(1, 1);
        producer.TryReserve(1, out UserRingReservation held);
        producer.Produce(1, 3);

        Assert.Equal([1], ring.Take().Select(record => (int)record[0]));
        Assert.Empty(ring.Take());
        held.Discard();
        Assert.Equal([3], ring.Take().Select(record => (int)record[0]));
    }

    [Fact]
    public void A_record_that_is_both_busy_and_discarded_is_skipped()
    {
        using UserRingBuffer ring = Rings.Make();
        using var raw = new RawRing(ring);
        raw.Post(RecordHeader.Busy | RecordHeader.Discard | 8, produced: 16);

        Assert.Empty(ring.Take());
        Assert.Equal(16ul, raw.Consumed);
    }

    [Theory]
    [InlineData(RecordHeader.Busy)]
    [InlineData(RecordHeader.Discard)]
    public void What_is_malformed_is_an_error_before_it_is_busy_or_discarded(uint flag)
    {
        using UserRingBuffer ring = Rings.Make();
        using var raw = new RawRing(ring);
        raw.Post(flag | 100, produced: 16);

        Assert.Equal(new UserRingDrain(0, Errno.EINVAL), ring.Skim());
    }

    [Fact]
    public void A_position_that_is_not_a_multiple_of_8_is_an_error_before_the_ring_is_empty()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        using var raw = new RawRing(ring);
        producer.Produce(100);
        ring.Take();
        raw.Produced = 4;

        Assert.Equal(new UserRingDrain(0, Errno.EINVAL), ring.Skim());
    }

    [Fact]
    public void A_producer_position_behind_the_consumer_is_an_empty_ring()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        using var raw = new RawRing(ring);
        producer.Produce(100);
        ring.Take();
        raw.Produced = 8;

        Assert.Empty(ring.Take());
        Assert.Null(ring.Fault);
    }

    [Fact]
    public void A_length_beyond_what_was_produced_is_EINVAL_before_it_is_E2BIG()
    {
        using UserRingBuffer ring = Rings.Make();
        using var raw = new RawRing(ring);
        raw.Post((uint)ring.Size, produced: 16);

        Assert.Equal(Errno.EINVAL, ring.Skim().Error);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    public void Flags_that_are_unknown_are_EINVAL_and_nothing_is_taken(int flags)
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        producer.Produce(1);

        Assert.Equal(new UserRingDrain(0, Errno.EINVAL), ring.Skim((UserRingDrainFlags)flags));
        Assert.Null(ring.Fault);
        Assert.Single(ring.Take());
    }

    [Fact]
    public void A_drain_inside_a_drain_is_EBUSY()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        producer.Produce(1);
        UserRingDrain inner = default;

        Assert.Equal(1, ring.Drain((scoped in _) =>
        {
            inner = ring.Skim();
            return 0;
        }).Count);
        Assert.Equal(new UserRingDrain(0, Errno.EBUSY), inner);
    }

    [Fact]
    public void A_drain_on_another_thread_is_EBUSY_until_the_first_has_ended()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        using var inside = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        producer.Produce(1);
        using (var other = new OtherThread(() => ring.Drain((scoped in _) =>
        {
            inside.Set();
            go.Wait();
            return 0;
        })))
        {
            inside.Wait();
            Assert.Equal(new UserRingDrain(0, Errno.EBUSY), ring.Skim());
            Assert.Equal(Errno.EBUSY, ring.SkipDead(out _));
            Assert.Equal(Errno.EBUSY, ring.Reset());
            go.Set();
        }

        Assert.Equal(new UserRingDrain(0, Errno.None), ring.Skim());
    }

    [Fact]
    public void The_room_of_a_record_is_kept_while_its_handler_runs_and_free_when_the_next_one_does()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        int half = (ring.Size / 2) - 8;
        producer.Produce(half, 1);
        producer.Produce(half, 2);
        var answers = new List<Errno>();

        ring.Drain((scoped in UserRingRecord record) =>
        {
            answers.Add(producer.TryWrite(new byte[half]));
            Assert.InRange(record.Data[0], 1, 2);
            return record.Data[0] == 2 ? 1 : 0;
        });

        Assert.Equal([Errno.ENOSPC, Errno.None], answers);
    }

    [Fact]
    public void A_record_whose_handler_throws_is_consumed_and_the_ring_goes_on()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        for (byte i = 1; i <= 4; i++)
        {
            producer.Produce(i, i);
        }

        int calls = 0;
        Assert.Throws<FormatException>(() => ring.Drain((scoped in UserRingRecord record) => ++calls == 2 ? throw new FormatException() : 0));
        Assert.Equal([3, 4], ring.Take().Select(record => (int)record[0]));
        Assert.Equal(ring.Size, producer.Free);
    }

    [Fact]
    public void A_handler_that_throws_wakes_a_producer_as_well()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        using var raw = new RawRing(ring);
        producer.Fill(ring.Size - 8);
        using var waiter = producer.ReserveOnOtherThread();
        Eventually.True(() => raw.ProducersAsleep == 1, "the producer to wait");

        Assert.Throws<FormatException>(() => ring.Drain((scoped in _) => throw new FormatException()));
        waiter.Join();
    }

    [Fact]
    public void A_ring_without_options_has_64_KiB() => Assert.Equal(Math.Max(65536, Rings.Page), UsingDefault());

    [Fact]
    public void A_ring_that_is_disposed_says_so()
    {
        UserRingBuffer ring = Rings.Make();
        ring.Dispose();
        ring.Dispose();

        Assert.Throws<ObjectDisposedException>(() => ring.Skim());
        Assert.Throws<ObjectDisposedException>(() => ring.Wait(0));
        Assert.Throws<ObjectDisposedException>(() => ring.SkipDead(out _));
        Assert.Throws<ObjectDisposedException>(() => ring.Reset());
        Assert.Throws<ObjectDisposedException>(() => ring.OpenProducer());
        Assert.Throws<ObjectDisposedException>(() => ring.HasProducer);
    }

    private static int UsingDefault()
    {
        using var ring = new UserRingBuffer();
        return ring.Size;
    }
}
