using System.Runtime.CompilerServices;
using LibMultipath.Reclamation;

namespace LibMultipath.Benchmarks.Operations;

/// <summary>A grace period with no section open.</summary>
internal readonly struct SrcuSynchronize(SrcuDomain domain) : IOperation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Invoke() => domain.Synchronize();
}
