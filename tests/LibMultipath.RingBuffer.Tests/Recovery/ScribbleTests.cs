using System.Diagnostics;
using LibMultipath.Block;
using LibMultipath.RingBuffer.Tests.Kit;
using Xunit.Abstractions;

namespace LibMultipath.RingBuffer.Tests.Recovery;

/// <summary>A producer that writes anything anywhere: the consumer reads nothing outside of the ring, and ends.</summary>
public sealed class ScribbleTests(ITestOutputHelper output)
{
    [Fact]
    public void Whatever_stands_in_the_memory_a_drain_ends_and_gives_only_what_lies_in_the_ring()
    {
        Random random = Seeds.Random(output);
        var errors = new Dictionary<Errno, int>();
        using UserRingBuffer ring = Rings.Make();
        using var raw = new RawRing(ring);
        for (int round = 0; round < 2_000; round++)
        {
            raw.Consumed = raw.Produced = 8 * (ulong)random.NextInt64(1L << random.Next(1, 60));
            Scribble(raw, random, headers: 20);
            UserRingDrain result = Check(ring);
            errors[result.Error] = errors.GetValueOrDefault(result.Error) + 1;
            Assert.Equal(result.Error is Errno.EINVAL or Errno.E2BIG, ring.Fault is not null);
            Assert.Equal(Errno.None, ring.Reset());
            Assert.Equal(new UserRingDrain(0, Errno.None), ring.Skim());
        }

        // Else nothing was tried.
        Assert.All((Errno[])[Errno.None, Errno.EINVAL, Errno.E2BIG, Errno.EOWNERDEAD], error => Assert.True(errors.GetValueOrDefault(error) > 10, $"{error} came {errors.GetValueOrDefault(error)} times."));
    }

    [Fact]
    public void While_a_producer_scribbles_drains_and_waits_end()
    {
        int seed = Seeds.Next(output);
        bool stop = false;
        using UserRingBuffer ring = Rings.Make();
        using var raw = new RawRing(ring);
        long drains = 0, resets = 0;
        using (var scribbler = new OtherThread(() =>
        {
            var random = new Random(seed);
            while (!Volatile.Read(ref stop))
            {
                Scribble(raw, random, headers: 1);
            }
        }))
        {
            long begin = Stopwatch.GetTimestamp();
            for (TimeSpan used = default; used < TimeSpan.FromSeconds(2) || (resets == 0 && used < Eventually.Limit); drains++, used = Stopwatch.GetElapsedTime(begin))
            {
                ring.Wait(0);
                UserRingDrain result = Check(ring);
                if (result.Error is Errno.EINVAL or Errno.E2BIG)
                {
                    Assert.NotNull(ring.Fault);
                    Assert.Equal(Errno.None, ring.Reset());
                    resets++;
                }
                else if (result.Error == Errno.EOWNERDEAD)
                {
                    ring.SkipDead(out _);
                }
            }

            stop = true;
        }

        output.WriteLine($"{drains} drains, {resets} resets.");
        Assert.True(drains > 0 && resets > 0);
    }

    private static void Scribble(RawRing raw, Random random, int headers)
    {
        ulong size = raw.Memory.Size;
        ulong consumed = Volatile.Read(ref raw.Consumed);
        for (int i = 0; i < headers; i++)
        {
            uint length = random.Next(4) == 0 ? (uint)random.Next() : (uint)random.Next(200);
            uint flags = random.Next(6) switch { 0 => RecordHeader.Busy, 1 => RecordHeader.Discard, _ => 0 };
            Volatile.Write(ref raw.HeaderAt(consumed + (random.Next(3) == 0 ? 0 : 8 * (ulong)random.Next((int)size / 8))), length | flags);
        }

        ulong produced = consumed + random.Next(8) switch
        {
            0 => (ulong)random.NextInt64(),
            1 => (ulong)-random.NextInt64(1 << 20),
            2 => size + (8 * (ulong)random.Next(10_000)),
            3 => (ulong)random.Next((int)size),
            _ => 8 * (ulong)random.Next((int)size / 8),
        };
        Volatile.Write(ref raw.Produced, produced);
    }

    /// <summary>Reads every byte that it is given: beyond the ring there is nothing, and the process would end.</summary>
    private static UserRingDrain Check(UserRingBuffer ring)
    {
        ulong last = 0;
        int sum = 0;
        UserRingDrain result = ring.Drain((scoped in UserRingRecord record) =>
        {
            Assert.InRange(record.Data.Length, 0, ring.Size - 8);
            Assert.True(record.Position >= last);
            last = record.Position;
            foreach (byte value in record.Data)
            {
                sum += value;
            }

            return 0;
        });
        Assert.InRange(result.Count, 0, UserRingBuffer.MaxRecordsPerDrain);
        return result;
    }
}
