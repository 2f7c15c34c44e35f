using LibMultipath.Block;
using LibMultipath.RingBuffer.Tests.Kit;

namespace LibMultipath.RingBuffer.Tests.Disposal;

/// <summary>A consumer is disposed while other threads are in its calls.</summary>
public sealed class RingRaceTests
{
    [Fact]
    public void A_producer_that_is_opened_while_the_ring_is_disposed_is_one_or_is_not()
    {
        int round = 0;
        Race.For(() =>
        {
            UserRingBuffer ring = Rings.Make(4 << 20);
            ring.OpenProducer().Dispose();
            bool began = false;
            using (new OtherThread(() =>
            {
                Volatile.Write(ref began, true);
                try
                {
                    using UserRingProducer producer = ring.OpenProducer();
                    producer.Produce(8);
                }
                catch (ObjectDisposedException)
                {
                    // It came too late.
                }
            }))
            {
                SpinWait.SpinUntil(() => Volatile.Read(ref began));
                Thread.SpinWait(round++ * 13 % 1500);
                ring.Dispose();
            }
        });
    }

    [Fact]
    public void A_ring_that_another_thread_drains_is_left_when_that_has_done_its_record()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingDescriptors descriptors = ring.DescriptorsForConsumer();
        using (UserRingProducer producer = ring.OpenProducer())
        {
            producer.Produce(1);
            producer.Produce(2);
        }

        UserRingDrain drained = ring.Drain((scoped in _) =>
        {
            using (new OtherThread(ring.Dispose))
            {
            }

            Assert.Equal(Errno.EBUSY, Assert.Throws<UserRingException>(() => UserRingBuffer.TakeOver(descriptors)).Errno);
            Assert.Throws<InvalidOperationException>(ring.Dispose);
            return 0;
        });

        Assert.Equal(new UserRingDrain(1, Errno.None), drained);
        Assert.Throws<ObjectDisposedException>(() => ring.Skim());
        using UserRingBuffer next = UserRingBuffer.TakeOver(descriptors);
        Assert.Null(next.InHand);
        Assert.Equal(2, Assert.Single(next.Take()).Length);
    }

    [Fact]
    public void A_ring_is_disposed_beside_drains_and_recoveries() => Race.For(() =>
    {
        UserRingBuffer ring = Rings.Make();
        using UserRingDescriptors descriptors = ring.DescriptorsForConsumer();
        using (UserRingProducer producer = ring.OpenProducer())
        {
            producer.Fill(8);
        }

        bool began = false;
        using (new OtherThread(() => Assert.Throws<ObjectDisposedException>((Action)(() =>
        {
            while (true)
            {
                ring.Drain(static (scoped in _) => 1);
                Volatile.Write(ref began, true);
                ring.SkipDead(out _);
            }
        }))))
        {
            SpinWait.SpinUntil(() => Volatile.Read(ref began));
            ring.Dispose();
        }

        UserRingBuffer.TakeOver(descriptors).Dispose();
    });

    [Fact]
    public void Memory_that_everybody_has_left_is_not_shared_any_more()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingDescriptors descriptors = ring.DescriptorsForConsumer();
        RingMemory memory = RingMemory.Map(descriptors.ConsumerPage, descriptors.Data, ring.Size, asConsumer: true, UserRingFlags.None);
        memory.Share();
        memory.Leave();
        memory.Leave();

        Assert.Throws<ObjectDisposedException>(memory.Share);
        memory.Dispose();
    }

    [Fact]
    public unsafe void Who_is_late_finds_zeroes_where_a_ring_was_and_changes_nothing()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        using UserRingDescriptors descriptors = ring.DescriptorsForConsumer();
        RingMemory memory = RingMemory.Map(descriptors.ConsumerPage, descriptors.Data, ring.Size, asConsumer: true, UserRingFlags.None);
        producer.Produce(8, 1);
        Assert.Equal(8u, *memory.HeaderAt(0));
        memory.Leave();

        Assert.Equal(0ul, memory.Producer->Position);
        Assert.Equal(0u, *memory.HeaderAt(0));
        *memory.HeaderAt(0) = 0x1234;
        Assert.Equal(8, Assert.Single(ring.Take()).Length);
        memory.Dispose();
    }
}
