using BenchmarkDotNet.Attributes;
using LibMultipath.Benchmarks.Rig;

namespace LibMultipath.Benchmarks.Detailed;

/// <summary>A bio that one path fails and another completes, from its submission to its end: two thread switches are in it.</summary>
[MemoryDiagnoser]
public class FailoverBenchmarks
{
    private readonly FailoverPair _pair = new();

    [GlobalCleanup]
    public void Cleanup() => _pair.Dispose();

    [Benchmark(Description = "failover and completion")]
    public long Failover() => _pair.Run();
}
