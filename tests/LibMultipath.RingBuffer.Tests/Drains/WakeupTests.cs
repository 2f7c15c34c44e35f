using LibMultipath.Block;
using LibMultipath.RingBuffer.Interop;
using LibMultipath.RingBuffer.Tests.Kit;

namespace LibMultipath.RingBuffer.Tests.Drains;

/// <summary>Whom a drain wakes. The sleeper is one of the tests' own: it tells a wake from a change of the position.</summary>
public sealed class WakeupTests
{
    public enum Content
    {
        Nothing,
        Records,
        Discards,
        Busy,
        Malformed,
    }

    [Theory]
    [InlineData(Content.Records, UserRingDrainFlags.None, true)]
    [InlineData(Content.Discards, UserRingDrainFlags.None, true)]
    [InlineData(Content.Nothing, UserRingDrainFlags.None, false)]
    [InlineData(Content.Busy, UserRingDrainFlags.None, false)]
    [InlineData(Content.Malformed, UserRingDrainFlags.None, false)]
    [InlineData(Content.Records, UserRingDrainFlags.NoWakeup, false)]
    [InlineData(Content.Discards, UserRingDrainFlags.NoWakeup, false)]
    [InlineData(Content.Records, UserRingDrainFlags.ForceWakeup, true)]
    [InlineData(Content.Nothing, UserRingDrainFlags.ForceWakeup, true)]
    [InlineData(Content.Busy, UserRingDrainFlags.ForceWakeup, true)]
    [InlineData(Content.Malformed, UserRingDrainFlags.ForceWakeup, true)]
    [InlineData(Content.Nothing, UserRingDrainFlags.ForceWakeup | UserRingDrainFlags.NoWakeup, true)]
    public void A_drain_wakes_a_producer(Content content, UserRingDrainFlags flags, bool wakes)
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        using var raw = new RawRing(ring);
        UserRingReservation reservation = default;
        switch (content)
        {
            case Content.Records:
                producer.Produce(8);
                break;
            case Content.Discards:
                producer.ProduceDiscarded(8);
                break;
            case Content.Busy:
                producer.TryReserve(8, out reservation);
                break;
            case Content.Malformed:
                raw.Post(header: 8, produced: 3);
                break;
        }

        using var sleeper = new Sleeper(raw);
        ring.Skim(flags);
        if (!wakes)
        {
            Assert.True(sleeper.Sleeps);
            ring.Skim(UserRingDrainFlags.ForceWakeup);
        }

        sleeper.AssertWoken();
        reservation.Dispose();
    }

    [Fact]
    public void A_blocked_producer_sleeps_on_through_drains_without_wakeup_until_one_wakes()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();
        using var raw = new RawRing(ring);
        producer.Fill(ring.Size - 8);
        using var waiter = new OtherThread(() =>
        {
            Assert.Equal(Errno.None, producer.ReserveBlocking(8, -1, out UserRingReservation reservation));
            reservation.Submit();
        });
        Eventually.True(() => raw.ProducersAsleep == 1 && Threads.AnySleepsOnSharedMemory(), "the producer to sleep");

        Assert.Equal(1, ring.Skim(UserRingDrainFlags.NoWakeup).Count);
        Assert.True(Threads.AnySleepsOnSharedMemory());
        Assert.Equal(1, raw.ProducersAsleep);

        Assert.Equal(0, ring.Skim(UserRingDrainFlags.ForceWakeup).Count);
        waiter.Join();
        Assert.Single(ring.Take());
    }

    /// <summary>Sleeps as a producer does that waits for room, and whatever the position, until it is woken.</summary>
    private sealed unsafe class Sleeper : IDisposable
    {
        private readonly RawRing _ring;
        private readonly OtherThread _thread;
        private int _id;

        public Sleeper(RawRing ring)
        {
            _ring = ring;
            Interlocked.Increment(ref ring.Memory.Producer->Sleepers);
            _thread = new OtherThread(() =>
            {
                Volatile.Write(ref _id, Threads.Current);
                uint seen = Volatile.Read(ref *ring.Memory.RoomWord);
                Errno error;
                do
                {
                    error = Futex.Wait(ring.Memory.RoomWord, seen, 60_000);
                }
                while (error == Errno.EINTR);

                Assert.Equal(Errno.None, error);
            });
            Eventually.True(() => Volatile.Read(ref _id) != 0 && Sleeps, "the sleeper to sleep");
        }

        public bool Sleeps => Threads.SleepsOnSharedMemory(Volatile.Read(ref _id));

        public void AssertWoken() => _thread.Join();

        public void Dispose()
        {
            Interlocked.Decrement(ref _ring.Memory.Producer->Sleepers);
            Futex.Wake(_ring.Memory.RoomWord);
            _thread.Dispose();
        }
    }
}
