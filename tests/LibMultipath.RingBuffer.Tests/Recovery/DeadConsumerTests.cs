using LibMultipath.RingBuffer.Tests.Kit;

namespace LibMultipath.RingBuffer.Tests.Recovery;

/// <summary>What the next consumer finds of a record that the last one was killed with: the pages are put back to how they were then.</summary>
public sealed unsafe class DeadConsumerTests
{
    [Theory]
    [InlineData(UserRingFlags.None, "1 2 3")]
    [InlineData(UserRingFlags.SkipInHand, "2 3")]
    public void The_record_that_a_consumer_was_killed_with_is_known_and_comes_first_or_not_at_all(UserRingFlags flags, string expected)
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        producer.Produce(8, 0);
        Assert.Single(ring.Take());
        producer.Produce(8, 1);
        producer.Produce(8, 2);
        producer.Produce(8, 3);
        using var raw = new RawRing(ring);
        ulong position = raw.Consumed;
        ulong inHand = 0;
        ring.Drain((scoped in record) =>
        {
            inHand = raw.Memory.Consumer->InHand;
            return 1;
        });
        raw.Consumed = position;
        using UserRingDescriptors descriptors = ring.DescriptorsForConsumer();
        ring.Dispose();
        Assert.Equal(position + 1, inHand);

        using UserRingBuffer next = UserRingBuffer.TakeOver(descriptors, flags);

        Assert.Equal(position, next.InHand);
        Assert.Equal(expected, string.Join(' ', next.Take().Select(record => record[0])));
        Assert.Empty(next.Take());
    }

    [Fact]
    public void A_consumer_that_ends_between_two_records_has_none_in_hand()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        producer.Produce(8, 1);
        producer.Produce(8, 2);
        ring.Drain(static (scoped in _) => 1);
        using UserRingDescriptors descriptors = ring.DescriptorsForConsumer();
        Assert.Null(ring.InHand);
        ring.Dispose();

        using UserRingBuffer next = UserRingBuffer.TakeOver(descriptors, UserRingFlags.SkipInHand);

        Assert.Null(next.InHand);
        Assert.Equal([2], next.Take().Select(record => record[0]));
    }

    [Fact]
    public void What_says_that_a_record_is_in_hand_where_none_was_produced_does_no_harm()
    {
        using UserRingBuffer ring = Rings.Make();
        using var raw = new RawRing(ring);
        raw.Memory.Consumer->InHand = 1;
        using UserRingDescriptors descriptors = ring.DescriptorsForConsumer();
        ring.Dispose();

        using UserRingBuffer next = UserRingBuffer.TakeOver(descriptors, UserRingFlags.SkipInHand);
        using UserRingProducer producer = next.OpenProducer();
        producer.Produce(8, 5);

        Assert.Equal([5], next.Take().Select(record => record[0]));
    }
}
