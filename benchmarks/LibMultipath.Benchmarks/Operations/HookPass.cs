using System.Runtime.CompilerServices;
using LibMultipath.Hooks;

namespace LibMultipath.Benchmarks.Operations;

/// <summary>A pass of a hook point, after a little work as a data path has it.</summary>
internal readonly struct HookPass(HookPoint<long> point, Arithmetic work) : IOperation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Invoke() => point.Raise(work.Step());
}
