using System.Runtime.CompilerServices;
using LibMultipath.Hooks;

namespace LibMultipath.Benchmarks.Operations;

/// <summary>A handler as a struct.</summary>
internal readonly struct SumHandler(StrongBox<long> sum) : IHookHandler<long>
{
    public void Invoke(scoped in long args) => sum.Value += args;
}
