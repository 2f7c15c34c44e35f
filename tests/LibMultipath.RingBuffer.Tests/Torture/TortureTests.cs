using System.Runtime.InteropServices;
using LibMultipath.Block;
using LibMultipath.RingBuffer.Tests.Kit;
using Xunit.Abstractions;

namespace LibMultipath.RingBuffer.Tests.Torture;

/// <summary>Several threads produce and one consumes, all of them as fast as they can, each waiting in its own way.</summary>
public sealed class TortureTests(ITestOutputHelper output)
{
    private const int Producers = 3;
    private const int Records = 100_000;

    [Theory]
    [InlineData(4096)]
    [InlineData(1 << 18)]
    public void Every_record_of_every_thread_comes_once_whole_and_in_its_threads_order(int size)
    {
        int seed = Seeds.Next(output);
        using UserRingBuffer ring = Rings.Make(size);
        using UserRingProducer producer = ring.OpenProducer();
        var threads = new List<OtherThread>();
        for (int i = 0; i < Producers; i++)
        {
            int id = i;
            threads.Add(new OtherThread(() => Produce(producer, id, new Random(seed + id))));
        }

        Consumer consumer = new(new int[Producers]);
        while (consumer.Finished < Producers)
        {
            // At times it looks again and again, at times it sleeps.
            if (consumer.Handled % 3 == 0)
            {
                Assert.Equal(Errno.None, ring.Wait(30_000));
            }

            Assert.Equal(Errno.None, ring.Drain(ref consumer).Error);
        }

        threads.ForEach(thread => thread.Join());
        Assert.Empty(ring.Take());
        Assert.All(consumer.Next, next => Assert.Equal(Records, next));
    }

    private static void Produce(UserRingProducer producer, int id, Random random)
    {
        for (int i = 0; i < Records; i++)
        {
            int length = 16 + random.Next(random.Next(20) == 0 ? 2000 : 60);
            Assert.Equal(Errno.None, producer.ReserveBlocking(length, -1, out UserRingReservation reservation));
            if (random.Next(10) == 0)
            {
                // What is discarded must not be seen, whatever it says.
                reservation.Span.Clear();
                reservation.Discard();
                i--;
                continue;
            }

            Span<byte> span = reservation.Span;
            MemoryMarshal.Write(span, id);
            MemoryMarshal.Write(span[4..], i);
            random.NextBytes(span[16..]);
            MemoryMarshal.Write(span[8..], Sum(span));
            reservation.Submit();
        }
    }

    private static long Sum(ReadOnlySpan<byte> record)
    {
        var hash = default(HashCode);
        hash.AddBytes(record[..8]);
        hash.AddBytes(record[16..]);
        return hash.ToHashCode() + ((long)record.Length << 32);
    }

    private struct Consumer(int[] next) : IUserRingHandler
    {
        public int[] Next { get; } = next;

        public int Finished { get; private set; }

        public int Handled { get; private set; }

        public int Handle(scoped in UserRingRecord record)
        {
            Assert.Equal(Sum(record.Data), MemoryMarshal.Read<long>(record.Data[8..]));
            int id = MemoryMarshal.Read<int>(record.Data);
            Assert.Equal(Next[id]++, MemoryMarshal.Read<int>(record.Data[4..]));
            Finished += Next[id] == Records ? 1 : 0;
            Handled++;
            return 0;
        }
    }
}
