using System.Diagnostics;
using System.Runtime.CompilerServices;
using LibMultipath.Benchmarks.Operations;

namespace LibMultipath.Benchmarks.Quick;

/// <summary>
/// An operation in a loop. Every operation, measure and peer alike, gets the same loop, compiled for it alone: four in
/// a turn, so that the counting costs a small part of a nanosecond for each. Nothing is subtracted for it.
/// </summary>
internal sealed class LoopProbe<TOperation>(string name, TOperation operation, Action? check = null) : Probe(name)
    where TOperation : struct, IOperation
{
    private const int Unrolled = 4;

    public override double Run(int count)
    {
        int turns = Math.Max(1, count / Unrolled);
        long begin = Stopwatch.GetTimestamp();
        Loop(operation, turns);
        long ticks = Stopwatch.GetTimestamp() - begin;
        return ticks * (1e9 / Stopwatch.Frequency) / ((long)turns * Unrolled);
    }

    public override void Check() => check?.Invoke();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Loop(TOperation operation, int turns)
    {
        for (int turn = 0; turn < turns; turn++)
        {
            operation.Invoke();
            operation.Invoke();
            operation.Invoke();
            operation.Invoke();
        }
    }
}
