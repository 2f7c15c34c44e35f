using System.Runtime.CompilerServices;

namespace LibMultipath.Benchmarks.Operations;

/// <summary>A few nanoseconds of arithmetic that depend on each other.</summary>
internal sealed class Arithmetic
{
    private long _state = 1;

    [MethodImpl(MethodImplOptions.NoInlining)]
    public long Step() => _state = ((_state * 6364136223846793005) >> 7) ^ (_state * 1442695040888963407);
}
