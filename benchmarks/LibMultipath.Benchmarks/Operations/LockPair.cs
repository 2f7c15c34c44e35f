using System.Runtime.CompilerServices;

namespace LibMultipath.Benchmarks.Operations;

/// <summary>An uncontended <see cref="Lock"/>, taken and left.</summary>
internal readonly struct LockPair(Lock gate) : IOperation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Invoke()
    {
        lock (gate)
        {
        }
    }
}
