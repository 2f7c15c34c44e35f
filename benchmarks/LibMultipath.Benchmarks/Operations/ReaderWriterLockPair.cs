using System.Runtime.CompilerServices;

namespace LibMultipath.Benchmarks.Operations;

/// <summary>An uncontended <see cref="ReaderWriterLockSlim"/>, entered and left as a reader.</summary>
internal readonly struct ReaderWriterLockPair(ReaderWriterLockSlim gate) : IOperation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Invoke()
    {
        gate.EnterReadLock();
        gate.ExitReadLock();
    }
}
