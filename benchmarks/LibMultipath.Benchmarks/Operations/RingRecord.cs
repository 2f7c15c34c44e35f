using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LibMultipath.Benchmarks.Rig;
using LibMultipath.Block;
using LibMultipath.RingBuffer;

namespace LibMultipath.Benchmarks.Operations;

/// <summary>A record of 16 bytes is produced and consumed, on one thread; so many, a power of two, are consumed at once.</summary>
internal readonly struct RingRecord(RingPair pair, int batch) : IOperation
{
    public const int Size = 16;

    private readonly UserRingBuffer _ring = pair.Ring;
    private readonly UserRingProducer _producer = pair.Producer;
    private readonly PaddedCounter _produced = new();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Invoke()
    {
        Produce(_producer, _produced.Value);
        if ((++_produced.Value & (batch - 1)) == 0)
        {
            Consume();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Produce(UserRingProducer producer, long value)
    {
        if (producer.TryReserve(Size, out UserRingReservation reservation) != Errno.None)
        {
            Throw();
        }

        MemoryMarshal.Write(reservation.Span, value);
        reservation.Submit();
    }

    private void Consume()
    {
        var sum = default(RingSum);
        _ring.Drain(ref sum);
        if (sum.Count != batch)
        {
            Throw();
        }
    }

    private static void Throw() => throw new InvalidOperationException("A record is missing, or there is no room for it.");
}
