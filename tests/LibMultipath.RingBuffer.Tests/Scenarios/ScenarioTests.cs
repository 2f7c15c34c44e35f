using LibMultipath.Block;
using LibMultipath.RingBuffer.Tests.Kit;

namespace LibMultipath.RingBuffer.Tests.Scenarios;

/// <summary>The scenarios of the kernel's own test of its user ring buffer, by name.</summary>
public sealed class ScenarioTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(17)]
    public void Misaligned_post(int beyond)
    {
        using UserRingBuffer ring = Rings.Make();
        using var raw = new RawRing(ring);
        raw.Post(header: 8, produced: 16 + (ulong)beyond);

        Assert.Equal(new UserRingDrain(0, Errno.EINVAL), ring.Skim());
        Assert.Equal(new UserRingFault(0, 16 + (ulong)beyond, 0, Errno.EINVAL), ring.Fault);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(56)]
    public void Producer_at_a_wrong_offset(int produced)
    {
        using UserRingBuffer ring = Rings.Make();
        using var raw = new RawRing(ring);
        raw.Post(header: 56, (ulong)produced);

        Assert.Equal(new UserRingDrain(0, Errno.EINVAL), ring.Skim());
        Assert.Equal(new UserRingFault(0, (ulong)produced, 56, Errno.EINVAL), ring.Fault);
    }

    [Fact]
    public void A_posted_record_larger_than_the_ring()
    {
        using UserRingBuffer ring = Rings.Make();
        using var raw = new RawRing(ring);
        uint size = (uint)ring.Size;
        raw.Post(header: size, produced: size + 8);

        Assert.Equal(new UserRingDrain(0, Errno.E2BIG), ring.Skim());
        Assert.Equal(new UserRingFault(0, size + 8, size, Errno.E2BIG), ring.Fault);
    }

    [Fact]
    public void A_reserved_record_larger_than_the_ring()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();

        Assert.Equal(Errno.E2BIG, producer.TryReserve(ring.Size, out UserRingReservation reservation));
        Assert.False(reservation.IsHeld);
        Assert.Equal(ring.Size, producer.Free);
    }

    [Fact]
    public void Basic()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();

        Assert.Empty(ring.Take());
        producer.Produce(24, 1);
        producer.Produce(100, 2);

        Assert.Equal([(24, 1), (100, 2)], ring.Take().Select(record => (record.Length, (int)record.Distinct().Single())));
        Assert.Empty(ring.Take());
    }

    [Fact]
    public void A_record_that_fills_the_ring()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();

        for (byte round = 1; round <= 3; round++)
        {
            Assert.Equal(Errno.E2BIG, producer.TryReserve(ring.Size - 7, out _));
            producer.Produce(ring.Size - 8, round);
            Assert.Equal(Errno.ENOSPC, producer.TryReserve(0, out _));

            byte[] record = Assert.Single(ring.Take());
            Assert.Equal(ring.Size - 8, record.Length);
            Assert.Equal(round, record.Distinct().Single());
            producer.Produce(8);
            Assert.Single(ring.Take());
        }
    }

    [Fact]
    public unsafe void Alignment()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        for (int size = 0; size < 64; size++)
        {
            Assert.Equal(Errno.None, producer.TryReserve(size, out UserRingReservation reservation));
            Assert.Equal(size, reservation.Span.Length);
            fixed (byte* first = reservation.Span)
            {
                Assert.Equal(0, (nint)first % 8);
            }

            reservation.Submit();
        }

        ulong expected = 0;
        int next = 0;
        Assert.Equal(64, ring.Drain((scoped in UserRingRecord record) =>
        {
            fixed (byte* first = record.Data)
            {
                Assert.Equal(0, (nint)first % 8);
            }

            Assert.Equal(expected, record.Position);
            Assert.Equal(next++, record.Data.Length);
            expected += 8 + (((ulong)record.Data.Length + 7) / 8 * 8);
            return 0;
        }).Count);
    }

    [Fact]
    public void Overfill()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        int most = ring.Size / 32;

        Assert.Equal(most, producer.Fill(24));
        Assert.Equal(0, producer.Free);
        Assert.Equal(Errno.ENOSPC, producer.TryReserve(24, out _));
        Assert.Equal(most, ring.Take().Count);
        Assert.Equal(most, producer.Fill(24));
    }

    [Fact]
    public void A_ring_full_of_discards()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < ring.Size / 32; i++)
            {
                producer.ProduceDiscarded(24);
            }

            Assert.Equal(Errno.ENOSPC, producer.TryReserve(24, out _));
            Assert.Empty(ring.Take());
            Assert.Equal(ring.Size, producer.Free);
        }
    }

    [Fact]
    public void Records_in_batches_8192_of_them()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        int produced = 0, consumed = 0;
        while (consumed < 8192)
        {
            while (produced < 8192 && producer.TryWrite(BitConverter.GetBytes(produced)) == Errno.None)
            {
                produced++;
            }

            foreach (byte[] record in ring.Take())
            {
                Assert.Equal(consumed++, BitConverter.ToInt32(record));
            }
        }

        Assert.Equal(8192, produced);
    }

    /// <summary>Operations go one way and their results the other.</summary>
    [Fact]
    public void A_message_protocol_both_ways()
    {
        using UserRingBuffer there = Rings.Make();
        using UserRingBuffer back = Rings.Make();
        using UserRingProducer ask = there.OpenProducer();
        using UserRingProducer answer = back.OpenProducer();
        var random = new Random(7);
        long expected = 0, seen = 0;
        for (int round = 0; round < 200; round++)
        {
            int operations = random.Next(1, 40);
            for (int i = 0; i < operations; i++)
            {
                (int operation, long operand) = (random.Next(3), random.Next(1000));
                expected = Apply(expected, operation, operand);
                ask.TryWrite([(byte)operation, .. BitConverter.GetBytes(operand)]);
            }

            int answered = there.Drain((scoped in UserRingRecord record) =>
            {
                seen = Apply(seen, record.Data[0], BitConverter.ToInt64(record.Data[1..]));
                return answer.TryWrite(BitConverter.GetBytes(seen)) == Errno.None ? 0 : 1;
            }).Count;

            Assert.Equal(operations, answered);
            Assert.Equal(expected, BitConverter.ToInt64(back.Take()[^1]));
        }
    }

    [Fact]
    public void Blocking_reserve_with_a_consumer_that_starts_late()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        using var raw = new RawRing(ring);
        int filled = producer.Fill(24);
        using (var late = new OtherThread(() =>
        {
            Eventually.True(() => raw.ProducersAsleep == 1, "the producer to wait");
            Assert.Equal(filled, ring.Take().Count);
        }))
        {
            Assert.Equal(Errno.None, producer.ReserveBlocking(24, -1, out UserRingReservation reservation));
            reservation.Span.Fill(9);
            reservation.Submit();
        }

        Assert.Equal(9, Assert.Single(ring.Take())[23]);
        Assert.Equal(0, raw.ProducersAsleep);
    }

    [Fact]
    public void A_zero_size_record()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        producer.Produce(0);

        Assert.Equal(ring.Size - 8, producer.Free);
        Assert.Empty(Assert.Single(ring.Take()));
        Assert.Equal(ring.Size, producer.Free);
    }

    [Fact]
    public void Busy_first_then_submitted()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        Assert.Equal(Errno.None, producer.TryReserve(8, out UserRingReservation first));
        producer.Produce(8, 2);

        Assert.Equal(new UserRingDrain(0, Errno.None), ring.Skim());
        first.Span.Fill(1);
        first.Submit();
        Assert.Equal([1, 2], ring.Take().Select(record => (int)record[0]));
    }

    private static long Apply(long value, int operation, long operand) => operation switch
    {
        0 => value + operand,
        1 => value ^ operand,
        _ => value * 31,
    };
}
