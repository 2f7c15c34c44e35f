using System.Runtime.InteropServices;
using LibMultipath.Block;
using LibMultipath.RingBuffer;

using var ring = new UserRingBuffer(new UserRingOptions { Size = 4096 });

// The monitor's side: another process would open descriptors that came over a socket.
using UserRingProducer producer = ring.OpenProducer();
Report(producer, new Measurement(0, 120));
Report(producer, new Measurement(1, 3400));
Errno full = producer.ReserveBlocking(ring.Size - 8, timeoutMilliseconds: 10, out _);

// The side of whoever selects: in a loop, after ring.Wait() or await ring.WaitAsync().
UserRingDrain drained = ring.Drain((scoped in UserRingRecord record) =>
{
    Measurement measured = MemoryMarshal.Read<Measurement>(record.Data);
    Console.WriteLine($"path {measured.Path}: {measured.Microseconds} us");
    return 0;                                                            // 1: enough for now
});
Console.WriteLine($"{drained.Count} records, {full} when the ring was full");

static void Report(UserRingProducer producer, Measurement measurement)
{
    Errno error = producer.TryReserve(Marshal.SizeOf<Measurement>(), out UserRingReservation reserved);
    using UserRingReservation reservation = reserved;                    // discarded if it is not submitted
    if (error == Errno.None)
    {
        MemoryMarshal.Write(reservation.Span, measurement);
        reservation.Submit();
    }
}

internal readonly record struct Measurement(int Path, int Microseconds);
