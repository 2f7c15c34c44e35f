using LibMultipath.Block;
using LibMultipath.RingBuffer.Tests.Kit;

namespace LibMultipath.RingBuffer.Tests.Disposal;

/// <summary>A producer is disposed while other threads are in its calls. What would go wrong here ends the process.</summary>
public sealed class ProducerRaceTests
{
    [Fact]
    public void A_producer_that_is_disposed_beside_a_submit_is_gone_when_both_have_returned()
    {
        using UserRingBuffer ring = Rings.Make();
        using var both = new Barrier(2);
        UserRingProducer? producer = null;
        int rounds = 0;
        bool stop = false;
        using var other = new OtherThread(() =>
        {
            while (true)
            {
                both.SignalAndWait();
                if (Volatile.Read(ref stop))
                {
                    return;
                }

                Assert.Equal(Errno.None, producer!.TryReserve(8, out UserRingReservation reservation));
                both.SignalAndWait();
                Thread.SpinWait(rounds * 7919 % 120);
                reservation.Submit();
                both.SignalAndWait();
            }
        });
        Race.For(() =>
        {
            producer = ring.OpenProducer();
            both.SignalAndWait();
            both.SignalAndWait();
            producer.Dispose();
            both.SignalAndWait();
            Assert.False(ring.HasProducer, $"After round {rounds} the producer is still there.");
            Assert.Equal(1, ring.Skim().Count);
            rounds++;
        });
        Volatile.Write(ref stop, true);
        both.SignalAndWait();
    }

    [Fact]
    public void A_record_that_has_come_may_be_what_both_sides_are_torn_down_for() => Race.For(() =>
    {
        UserRingBuffer ring = Rings.Make();
        using UserRingDescriptors descriptors = ring.DescriptorsForProducer();
        UserRingProducer producer = UserRingProducer.Open(descriptors);
        using (new OtherThread(() => producer.Produce(8)))
        {
            while (ring.Skim().Count == 0)
            {
            }

            producer.Dispose();
            ring.Dispose();
        }
    });

    [Theory]
    [InlineData(UserRingFlags.None)]
    [InlineData(UserRingFlags.OneThreadReserves)]
    public void A_blocking_reservation_ends_when_the_producer_is_disposed_and_does_not_open_it_again(UserRingFlags flags)
    {
        int round = 0;
        Race.For(() =>
        {
            using UserRingBuffer ring = Rings.Make();
            using UserRingDescriptors descriptors = ring.DescriptorsForProducer();
            UserRingProducer producer = UserRingProducer.Open(descriptors, flags);
            producer.Fill(ring.Size - 8);
            bool began = false;
            using (new OtherThread(() => Assert.Throws<ObjectDisposedException>((Action)(() =>
            {
                while (true)
                {
                    Volatile.Write(ref began, true);
                    Assert.Equal(Errno.ENOSPC, producer.ReserveBlocking(8, 0, out _));
                }
            }))))
            {
                SpinWait.SpinUntil(() => Volatile.Read(ref began));
                Thread.SpinWait(round++ * 13 % 300);
                producer.Dispose();
            }

            Assert.Throws<ObjectDisposedException>(() => producer.TryReserve(8, out _));
            Assert.False(ring.HasProducer);
        });
    }

    [Fact]
    public void How_much_is_free_can_be_asked_until_it_is_disposed() => Race.For(() =>
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingDescriptors descriptors = ring.DescriptorsForProducer();
        UserRingProducer producer = UserRingProducer.Open(descriptors);
        bool began = false;
        using (new OtherThread(() => Assert.Throws<ObjectDisposedException>(() =>
        {
            while (producer.Free >= 0)
            {
                Volatile.Write(ref began, true);
            }
        })))
        {
            SpinWait.SpinUntil(() => Volatile.Read(ref began));
            producer.Dispose();
        }
    });

    [Fact]
    public void Reserving_and_awaiting_room_end_when_the_producer_is_disposed() => Race.For(() =>
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingDescriptors descriptors = ring.DescriptorsForProducer();
        UserRingProducer producer = UserRingProducer.Open(descriptors);
        bool began = false;
        using (new OtherThread(() => Assert.Throws<ObjectDisposedException>((Action)(() =>
        {
            while (true)
            {
                producer.TryWrite([1]);
                Volatile.Write(ref began, true);
            }
        }))))
        {
            SpinWait.SpinUntil(() => Volatile.Read(ref began));
            Task<Errno> room = producer.WaitForRoomAsync(ring.Size - 8, -1).AsTask();
            producer.Dispose();
            Assert.IsType<ObjectDisposedException>(Assert.Throws<AggregateException>(() => room.Wait(Eventually.Limit)).InnerException);
        }
    });

    [Fact]
    public void A_copy_of_its_descriptor_does_not_keep_the_lock_of_a_producer_that_was_disposed()
    {
        using UserRingBuffer ring = Rings.Make();
        string[] before = Directory.GetFiles("/proc/self/fd");
        UserRingProducer producer = ring.OpenProducer();

        // As a child has them that was forked and has not executed yet.
        using var copies = new Copies(Directory.GetFiles("/proc/self/fd").Except(before));
        Assert.NotEqual(0, copies.Count);
        producer.Dispose();

        Assert.False(ring.HasProducer);
        ring.OpenProducer().Dispose();
    }
}
