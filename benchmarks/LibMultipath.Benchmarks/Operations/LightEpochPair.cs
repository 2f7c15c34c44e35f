using System.Runtime.CompilerServices;
using FASTER.core;

namespace LibMultipath.Benchmarks.Operations;

/// <summary>The protection of FASTER's epochs, begun and ended: the closest peer of a read section that .NET has.</summary>
internal readonly struct LightEpochPair(LightEpoch epoch) : IOperation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Invoke()
    {
        epoch.Resume();
        epoch.Suspend();
    }
}
