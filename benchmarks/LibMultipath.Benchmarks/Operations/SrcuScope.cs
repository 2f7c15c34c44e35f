using System.Runtime.CompilerServices;
using LibMultipath.Reclamation;

namespace LibMultipath.Benchmarks.Operations;

/// <summary>A read section as a scope: the usual form, for code that begins and ends it on one thread.</summary>
internal readonly struct SrcuScope(SrcuDomain domain) : IOperation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Invoke()
    {
        using (domain.Enter())
        {
        }
    }
}
