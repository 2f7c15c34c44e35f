using System.Runtime.CompilerServices;

namespace LibMultipath.Benchmarks.Operations;

/// <summary>The work without a hook point.</summary>
internal readonly struct WorkOnly(Arithmetic work) : IOperation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Invoke() => work.Step();
}
