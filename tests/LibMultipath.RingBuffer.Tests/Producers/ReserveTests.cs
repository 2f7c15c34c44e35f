using LibMultipath.Block;
using LibMultipath.RingBuffer.Tests.Kit;

namespace LibMultipath.RingBuffer.Tests.Producers;

public sealed class ReserveTests
{
    [Theory]
    [InlineData(1 << 30)]
    [InlineData(int.MinValue)]
    [InlineData(-1)]
    [InlineData(int.MinValue + 8)]
    [InlineData((1 << 30) | 8)]
    [InlineData((1 << 30) - 1)]
    public void A_size_with_a_top_bit_or_beyond_the_ring_is_E2BIG(int size)
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        producer.Fill(0);

        Assert.Equal(Errno.E2BIG, producer.TryReserve(size, out UserRingReservation reservation));
        Assert.False(reservation.IsHeld);
        Assert.Equal(Errno.E2BIG, producer.ReserveBlocking(size, -1, out _));
    }

    [Theory]
    [InlineData(0, 8)]
    [InlineData(1, 16)]
    [InlineData(8, 16)]
    [InlineData(9, 24)]
    [InlineData(100, 112)]
    public void A_record_takes_its_size_and_8_rounded_up_to_8(int size, int taken)
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        using var raw = new RawRing(ring);
        raw.HeaderAt(0) = raw.HeaderAt(4) = uint.MaxValue;
        producer.TryReserve(size, out UserRingReservation reservation);

        Assert.Equal((ulong)taken, raw.Produced);
        Assert.Equal(ring.Size - taken, producer.Free);
        Assert.Equal((uint)size | 0x80000000, raw.HeaderAt(0));
        Assert.Equal(0u, raw.HeaderAt(4));
        reservation.Submit();
        Assert.Equal((uint)size, raw.HeaderAt(0));
        producer.TryReserve(size, out reservation);
        reservation.Discard();
        Assert.Equal((uint)size | 0x40000000, raw.HeaderAt((ulong)taken));
    }

    [Fact]
    public void A_refused_reservation_changes_nothing()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        using var raw = new RawRing(ring);
        producer.Produce(ring.Size - 40);
        ulong produced = raw.Produced;

        Assert.Equal(Errno.ENOSPC, producer.TryReserve(32, out UserRingReservation reservation));
        Assert.False(reservation.IsHeld);
        Assert.Equal(produced, raw.Produced);
        producer.Produce(24);
    }

    [Fact]
    public void What_was_given_up_cannot_be_used()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        producer.TryReserve(8, out UserRingReservation reservation);
        Assert.True(reservation.IsHeld);
        Assert.Equal(8, reservation.Length);
        reservation.Submit();

        Assert.False(reservation.IsHeld);
        AssertUnusable(ref reservation);
        reservation.Dispose();
        Assert.Single(ring.Take());

        producer.TryReserve(8, out reservation);
        reservation.Discard();
        AssertUnusable(ref reservation);

        UserRingReservation none = default;
        AssertUnusable(ref none);
        none.Dispose();
    }

    [Fact]
    public void A_copy_of_what_was_given_up_cannot_be_given_up()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        producer.TryReserve(8, out UserRingReservation reservation);
        UserRingReservation copy = reservation;
        reservation.Discard();

        bool thrown = false;
        try
        {
            copy.Submit();
        }
        catch (InvalidOperationException)
        {
            thrown = true;
        }

        Assert.True(thrown);
        Assert.Empty(ring.Take());
    }

    [Fact]
    public void A_reservation_that_is_disposed_is_discarded()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        producer.TryReserve(8, out UserRingReservation reservation);
        using (reservation)
        {
        }

        Assert.Empty(ring.Take());
        Assert.Equal(ring.Size, producer.Free);
    }

    [Fact]
    public void Reservations_are_given_up_in_any_order_and_come_in_that_of_reserving()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        producer.TryReserve(1, out UserRingReservation first);
        producer.TryReserve(2, out UserRingReservation second);
        producer.TryReserve(3, out UserRingReservation third);
        third.Submit();
        Assert.Empty(ring.Take());
        first.Submit();
        Assert.Equal([1], ring.Take().Select(record => record.Length));
        second.Discard();
        Assert.Equal([3], ring.Take().Select(record => record.Length));
    }

    [Fact]
    public void A_reservation_that_outlives_its_producer_can_still_be_given_up_and_nobody_else_gets_its_place()
    {
        using UserRingBuffer ring = Rings.Make();
        UserRingProducer producer = ring.OpenProducer();
        producer.TryReserve(8, out UserRingReservation first);
        producer.TryReserve(8, out UserRingReservation second);
        producer.Dispose();

        Assert.Throws<ObjectDisposedException>(() => producer.TryReserve(8, out _));
        Assert.True(ring.HasProducer);
        Assert.Equal(Errno.EBUSY, ring.SkipDead(out _));
        first.Span.Fill(1);
        first.Submit();
        Assert.True(ring.HasProducer);
        second.Span.Fill(2);
        second.Submit();
        Assert.False(ring.HasProducer);
        Assert.Equal([1, 2], ring.Take().Select(record => (int)record[0]));
        ring.OpenProducer().Dispose();
    }

    [Fact]
    public async Task A_producer_that_is_disposed_says_so()
    {
        using UserRingBuffer ring = Rings.Make();
        UserRingProducer producer = ring.OpenProducer();
        producer.Dispose();
        producer.Dispose();

        Assert.Throws<ObjectDisposedException>(() => producer.TryReserve(8, out _));
        Assert.Throws<ObjectDisposedException>(() => producer.ReserveBlocking(8, -1, out _));
        Assert.Throws<ObjectDisposedException>(() => producer.TryWrite([1]));
        Assert.Throws<ObjectDisposedException>(() => producer.Free);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await producer.WaitForRoomAsync(8, -1));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await producer.WriteAsync(new byte[8]));
    }

    [Fact]
    public void A_second_producer_is_EBUSY_until_the_first_has_gone()
    {
        using UserRingBuffer ring = Rings.Make();
        Assert.False(ring.HasProducer);
        using (UserRingProducer producer = ring.OpenProducer())
        {
            Assert.True(ring.HasProducer);
            Assert.Equal(Errno.EBUSY, Assert.Throws<UserRingException>(() => ring.OpenProducer()).Errno);
            producer.Produce(1);
        }

        Assert.False(ring.HasProducer);
        using UserRingProducer next = ring.OpenProducer();
        next.Produce(2);
        Assert.Equal([1, 2], ring.Take().Select(record => record.Length));
    }

    [Fact]
    public void A_producer_in_which_one_thread_reserves_is_as_any_other()
    {
        using UserRingBuffer ring = Rings.Make();
        UserRingProducer producer = ring.OpenProducer(UserRingFlags.OneThreadReserves);
        for (int round = 0; round < 3; round++)
        {
            Assert.Equal(ring.Size / 32, producer.Fill(24));
            Assert.Equal(ring.Size / 32, ring.Take().Count);
        }

        producer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => producer.TryReserve(8, out _));
    }

    [Theory]
    [InlineData(UserRingFlags.None)]
    [InlineData(UserRingFlags.OneThreadReserves)]
    public void A_record_allocates_nothing_produced_and_consumed(UserRingFlags flags)
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer(flags);
        var sum = default(Sum);
        UserRingCallback callback = static (scoped in _) => 0;
        byte[] record = new byte[24];
        for (int i = 0; i < 100; i++)
        {
            Round();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10_000; i++)
        {
            Round();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(10_100, sum.Records);

        void Round()
        {
            producer.TryReserve(24, out UserRingReservation reservation);
            reservation.Submit();
            ring.Drain(ref sum);
            producer.TryWrite(record);
            producer.ReserveBlocking(24, 0, out reservation);
            reservation.Discard();
            ring.Drain(callback);
        }
    }

    private static void AssertUnusable(ref UserRingReservation reservation)
    {
        for (int use = 0; use < 3; use++)
        {
            bool thrown = false;
            try
            {
                switch (use)
                {
                    case 0:
                        _ = reservation.Span;
                        break;
                    case 1:
                        reservation.Submit();
                        break;
                    default:
                        reservation.Discard();
                        break;
                }
            }
            catch (InvalidOperationException)
            {
                thrown = true;
            }

            Assert.True(thrown, $"Use {use} was possible.");
        }
    }

    private struct Sum : IUserRingHandler
    {
        public int Records;

        public int Handle(scoped in UserRingRecord record)
        {
            Records++;
            return 0;
        }
    }
}
