using System.Runtime.CompilerServices;

namespace LibMultipath.Benchmarks.Operations;

/// <summary>The unit that everything is compared with: an uncontended counter, up and down.</summary>
internal readonly struct InterlockedPair(PaddedCounter counter) : IOperation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Invoke()
    {
        Interlocked.Increment(ref counter.Value);
        Interlocked.Decrement(ref counter.Value);
    }
}
