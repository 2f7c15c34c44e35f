using System.Runtime.CompilerServices;
using LibMultipath.Hooks;

namespace LibMultipath.Benchmarks.Operations;

/// <summary>A call of a delegate, after the same work: what a single handler costs at least.</summary>
internal readonly struct IndirectCall(HookHandler<long> handler, Arithmetic work) : IOperation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Invoke() => handler(work.Step());
}
