using LibMultipath.Block;
using LibMultipath.RingBuffer.Tests.Kit;

namespace LibMultipath.RingBuffer.Tests.Recovery;

public sealed class PoisonTests
{
    [Fact]
    public void A_malformed_record_poisons_the_ring_until_it_is_reset()
    {
        using UserRingBuffer ring = Rings.Make();
        using var raw = new RawRing(ring);
        UserRingProducer producer = ring.OpenProducer();
        producer.Produce(8, 1);
        producer.Produce(8, 2);
        producer.Produce(8, 3);
        raw.HeaderAt(16) = 4096;

        // What came before it was good.
        Assert.Equal(new UserRingDrain(1, Errno.EINVAL), ring.Skim());
        Assert.Equal(new UserRingFault(16, 48, 4096, Errno.EINVAL), ring.Fault);

        // Nothing is believed any more, though it may look right again.
        raw.HeaderAt(16) = 8;
        Assert.Equal(new UserRingDrain(0, Errno.EINVAL), ring.Skim());
        Assert.Equal(new UserRingDrain(0, Errno.EINVAL), ring.Skim(UserRingDrainFlags.ForceWakeup));
        Assert.Equal(Errno.EBUSY, ring.Reset());
        producer.Dispose();
        Assert.Equal(Errno.EINVAL, ring.SkipDead(out _));
        Assert.Equal(Errno.None, ring.Reset());

        Assert.Null(ring.Fault);
        Assert.Empty(ring.Take());
        using UserRingProducer next = ring.OpenProducer();
        next.Produce(ring.Size - 8, 4);
        Assert.Equal(4, Assert.Single(ring.Take())[0]);
    }

    [Fact]
    public void A_poisoned_ring_has_no_new_producer()
    {
        using UserRingBuffer ring = Rings.Make();
        using var raw = new RawRing(ring);
        raw.Post(header: 100, produced: 16);

        UserRingException exception = Assert.Throws<UserRingException>(() => ring.OpenProducer());
        Assert.Equal(Errno.EINVAL, exception.Errno);
        Assert.Contains("0x00000064", exception.Message);
        Assert.False(ring.HasProducer);
        Assert.Equal(Errno.None, ring.Reset());
        ring.OpenProducer().Dispose();
    }

    [Theory]
    [InlineData(0u, 12ul, Errno.EINVAL)]
    [InlineData(0u, 1ul << 40, Errno.EINVAL)]
    [InlineData(RecordHeader.Busy | 100, 16ul, Errno.EINVAL)]
    public void Skipping_finds_what_is_malformed(uint header, ulong produced, Errno error)
    {
        using UserRingBuffer ring = Rings.Make();
        using var raw = new RawRing(ring);
        raw.Post(header, produced);

        Assert.Equal(error, ring.SkipDead(out _));
        Assert.Equal(new UserRingDrain(0, error), ring.Skim());
        Assert.Equal(produced, ring.Fault?.ProducerPosition);
    }

    [Fact]
    public void A_producer_whose_ring_was_overwritten_lets_go_of_it()
    {
        using UserRingBuffer ring = Rings.Make();
        using var raw = new RawRing(ring);
        UserRingProducer producer = ring.OpenProducer();
        producer.Produce(8);
        raw.HeaderAt(0) = 4096;
        producer.Dispose();

        Assert.False(ring.HasProducer);
        Assert.Equal(Errno.EINVAL, ring.Skim().Error);
    }

    [Fact]
    public void A_producer_does_not_trip_over_a_consumer_position_that_cannot_be()
    {
        using UserRingBuffer ring = Rings.Make();
        using var raw = new RawRing(ring);
        using UserRingProducer producer = ring.OpenProducer();
        producer.Fill(0);
        raw.Consumed = 1ul << 60;

        Assert.Equal(Errno.ENOSPC, producer.TryReserve(8, out _));
        Assert.InRange(producer.Free, 0, ring.Size);
        raw.Consumed = 0;
    }
}
