using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LibMultipath.Benchmarks.Operations;
using LibMultipath.Benchmarks.Rig;
using LibMultipath.Block;
using LibMultipath.RingBuffer;

namespace LibMultipath.Benchmarks.Quick;

/// <summary>
/// Records from one thread to another, both as fast as they can. The other thread is there while this is measured, and
/// only then; many records a round, so that its beginning does not matter.
/// </summary>
internal sealed class RingThreadsProbe(string name, RingPair pair) : Probe(name)
{
    private const int Records = 200_000;

    private int _ready;
    private long _consumed;
    private long _allocated;

    /// <summary>Of both threads, while they produce and consume.</summary>
    public override long AllocatedBytes => _allocated;

    public override double Run(int count)
    {
        Volatile.Write(ref _ready, 0);
        var consumer = new Thread(Consume);
        consumer.Start();
        while (Volatile.Read(ref _ready) == 0)
        {
            Thread.Yield();
        }

        long begin = Stopwatch.GetTimestamp();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Produce(pair.Producer);
        Interlocked.Add(ref _allocated, GC.GetAllocatedBytesForCurrentThread() - before);
        consumer.Join();
        return Stopwatch.GetElapsedTime(begin).TotalNanoseconds / Records;
    }

    public override void Check()
    {
        if (_consumed != Records)
        {
            throw new InvalidOperationException($"Of {Records} records {_consumed} came.");
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Produce(UserRingProducer producer)
    {
        for (int i = 0; i < Records; i++)
        {
            SpinWait spin = default;
            UserRingReservation reservation;
            while (producer.TryReserve(RingRecord.Size, out reservation) != Errno.None)
            {
                spin.SpinOnce(sleep1Threshold: -1);
            }

            MemoryMarshal.Write(reservation.Span, (long)i);
            reservation.Submit();
        }
    }

    private void Consume()
    {
        var sum = default(RingSum);
        Volatile.Write(ref _ready, 1);
        long before = GC.GetAllocatedBytesForCurrentThread();
        SpinWait spin = default;
        while (sum.Count < Records)
        {
            if (pair.Ring.Drain(ref sum).Count != 0)
            {
                spin = default;
            }
            else
            {
                spin.SpinOnce(sleep1Threshold: -1);
            }
        }

        _consumed = sum.Count;
        Interlocked.Add(ref _allocated, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
