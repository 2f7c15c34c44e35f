using System.Runtime.CompilerServices;
using LibMultipath.Reclamation;

namespace LibMultipath.Benchmarks.Operations;

/// <summary>A read section, begun and ended.</summary>
internal readonly struct SrcuSectionPair(SrcuDomain domain) : IOperation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Invoke() => domain.ReadUnlock(domain.ReadLock());
}
