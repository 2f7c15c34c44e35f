using System.Runtime.CompilerServices;
using LibMultipath.Reclamation;

namespace LibMultipath.Benchmarks.Operations;

/// <summary>A read section with a token, which may end on another thread: looks the thread up twice.</summary>
internal readonly struct SrcuTokenPair(SrcuDomain domain) : IOperation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Invoke() => domain.ReadUnlock(domain.ReadLock());
}
