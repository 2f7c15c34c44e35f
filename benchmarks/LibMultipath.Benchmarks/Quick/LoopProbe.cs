using System.Diagnostics;
using System.Runtime.CompilerServices;
using LibMultipath.Benchmarks.Operations;

namespace LibMultipath.Benchmarks.Quick;

/// <summary>
/// An operation in a loop. Every operation, measure and peer alike, gets the same loop, compiled for it alone. It is
/// not unrolled: the compiler would look the thread's storage up once for all copies, and a user pays for it each time.
/// Counting costs two instructions for each, which run beside the operation; nothing is subtracted for it.
/// </summary>
internal sealed class LoopProbe<TOperation>(string name, TOperation operation, Action? check = null) : Probe(name)
    where TOperation : struct, IOperation
{
    public override double Run(int count)
    {
        long begin = Stopwatch.GetTimestamp();
        Loop(operation, count);
        long ticks = Stopwatch.GetTimestamp() - begin;
        return ticks * (1e9 / Stopwatch.Frequency) / count;
    }

    public override void Check() => check?.Invoke();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Loop(TOperation operation, int count)
    {
        for (int i = 0; i < count; i++)
        {
            operation.Invoke();
        }
    }
}
