using LibMultipath.Block;

namespace LibMultipath.RingBuffer.Tests.Kit;

/// <summary>What most tests do with a ring.</summary>
internal static class Rings
{
    public static readonly int Page = Environment.SystemPageSize;

    public static UserRingBuffer Make(int? size = null) => new(new UserRingOptions { Size = size ?? Page });

    /// <summary>Reserves, fills with one value, and submits.</summary>
    public static void Produce(this UserRingProducer producer, int size, byte value = 0)
    {
        Assert.Equal(Errno.None, producer.TryReserve(size, out UserRingReservation reservation));
        reservation.Span.Fill(value);
        reservation.Submit();
    }

    public static void ProduceDiscarded(this UserRingProducer producer, int size)
    {
        Assert.Equal(Errno.None, producer.TryReserve(size, out UserRingReservation reservation));
        reservation.Discard();
    }

    /// <summary>Produces records until there is no room.</summary>
    /// <returns>How many.</returns>
    public static int Fill(this UserRingProducer producer, int size)
    {
        int count = 0;
        while (producer.TryWrite(new byte[size]) == Errno.None)
        {
            count++;
        }

        return count;
    }

    /// <summary>Waits for room on another thread, and submits what is reserved then.</summary>
    public static OtherThread ReserveOnOtherThread(this UserRingProducer producer, int milliseconds = Timeout.Infinite) => new(() =>
    {
        Assert.Equal(Errno.None, producer.ReserveBlocking(8, milliseconds, out UserRingReservation reservation));
        reservation.Submit();
    });

    /// <summary>Everything that a drain gives.</summary>
    public static List<byte[]> Take(this UserRingBuffer ring, UserRingDrainFlags flags = UserRingDrainFlags.None)
    {
        var records = new List<byte[]>();
        UserRingDrain result = ring.Drain(
            (scoped in UserRingRecord record) =>
            {
                records.Add(record.Data.ToArray());
                return 0;
            },
            flags);
        Assert.Equal(new UserRingDrain(records.Count, Errno.None), result);
        return records;
    }

    /// <summary>A drain that takes no part in the records.</summary>
    public static UserRingDrain Skim(this UserRingBuffer ring, UserRingDrainFlags flags = UserRingDrainFlags.None) =>
        ring.Drain(static (scoped in _) => 0, flags);
}
