using FsCheck;
using FsCheck.Fluent;
using LibMultipath.Block;
using LibMultipath.RingBuffer.Tests.Kit;
using Xunit.Abstractions;

namespace LibMultipath.RingBuffer.Tests.Models;

/// <summary>Whatever is done in whatever order, the ring answers as a list of records does that counts its bytes.</summary>
public sealed class ModelTests(ITestOutputHelper output)
{
    private const int Held = 4;

    private static readonly int[] s_sizes = [0, 1, 7, 8, 9, 100, 1000, Rings.Page / 2, Rings.Page - 8, Rings.Page - 7, -1];

    [Fact]
    public void A_ring_is_a_queue_of_records_that_counts_bytes() => Prop.ForAll(
        Gen.Choose(0, 9_999).ListOf().ToArbitrary(), steps =>
        {
            var run = new Run();
            run.Do([.. steps]);
        }).Check(Seeds.Config(output, 1000).WithEndSize(300));

    private sealed class Run
    {
        private readonly Queue<Record> _queue = new();
        private ulong _position;
        private int _next;
        private int _drains;

        public void Do(int[] steps)
        {
            using UserRingBuffer ring = Rings.Make();
            UserRingProducer producer = ring.OpenProducer();
            UserRingReservation a = default, b = default, c = default, d = default;
            var records = new Record?[Held];
            foreach (int step in steps)
            {
                int slot = step / 4 % Held;
                ref UserRingReservation held = ref slot == 0 ? ref a : ref slot == 1 ? ref b : ref slot == 2 ? ref c : ref d;
                switch (step % 4)
                {
                    case 0 when !held.IsHeld:
                        records[slot] = Reserve(producer, s_sizes[step / 16 % s_sizes.Length], ref held);
                        break;
                    case 1 when held.IsHeld:
                        held.Submit();
                        records[slot]!.State = State.Submitted;
                        break;
                    case 2 when held.IsHeld:
                        held.Discard();
                        records[slot]!.State = State.Discarded;
                        break;
                    case 3:
                        Drain(ring, stopAfter: step / 4 % 6);
                        break;
                }

                Assert.Equal(ring.Size - _queue.Sum(record => record.Total), producer.Free);
            }

            a.Dispose();
            b.Dispose();
            c.Dispose();
            d.Dispose();
            producer.Dispose();
        }

        private Record? Reserve(UserRingProducer producer, int size, ref UserRingReservation reservation)
        {
            var record = new Record(size, (byte)++_next, _position);
            Errno expected = size is < 0 || record.Total > producer.Size ? Errno.E2BIG
                : _queue.Sum(each => each.Total) + record.Total > producer.Size ? Errno.ENOSPC : Errno.None;
            Assert.Equal(expected, producer.TryReserve(size, out reservation));
            Assert.Equal(expected == Errno.None, reservation.IsHeld);
            if (expected != Errno.None)
            {
                return null;
            }

            reservation.Span.Fill(record.Value);
            _queue.Enqueue(record);
            _position += (ulong)record.Total;
            return record;
        }

        /// <summary>A drain that is stopped after some records, if there are so many; by an exception every third time.</summary>
        private void Drain(UserRingBuffer ring, int stopAfter)
        {
            bool throws = ++_drains % 3 == 0;
            var expected = new List<Record>();
            while (_queue.TryPeek(out Record? record) && record.State != State.Busy)
            {
                _queue.Dequeue();
                if (record.State == State.Submitted)
                {
                    expected.Add(record);
                    if (expected.Count == stopAfter)
                    {
                        break;
                    }
                }
            }

            var given = new List<(int Size, byte Value, ulong Position)>();
            UserRingCallback callback = (scoped in UserRingRecord record) =>
            {
                byte value = record.Data.IsEmpty ? (byte)0 : record.Data[0];
                Assert.Equal(-1, record.Data.IndexOfAnyExcept(value));
                given.Add((record.Data.Length, value, record.Position));
                return given.Count != stopAfter ? 0 : throws ? throw new FormatException() : 1;
            };
            if (throws && expected.Count == stopAfter && stopAfter != 0)
            {
                Assert.Throws<FormatException>(() => ring.Drain(callback));
            }
            else
            {
                Assert.Equal(new UserRingDrain(expected.Count, Errno.None), ring.Drain(callback));
            }

            Assert.Equal(expected.Select(record => (record.Size, record.Size == 0 ? (byte)0 : record.Value, record.Position)), given);
        }
    }

    private enum State
    {
        Busy,
        Submitted,
        Discarded,
    }

    private sealed class Record(int size, byte value, ulong position)
    {
        public int Size { get; } = size;

        public byte Value { get; } = value;

        public ulong Position { get; } = position;

        public int Total => (Size + 8 + 7) / 8 * 8;

        public State State { get; set; }
    }
}
