using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LibMultipath.RingBuffer;

namespace LibMultipath.Benchmarks.Operations;

/// <summary>Reads a number of each record.</summary>
internal struct RingSum : IUserRingHandler
{
    public long Count;
    public long Sum;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Handle(scoped in UserRingRecord record)
    {
        Count++;
        Sum += MemoryMarshal.Read<long>(record.Data);
        return 0;
    }
}
