using BenchmarkDotNet.Attributes;
using LibMultipath.Benchmarks.Rig;
using LibMultipath.Selection;

namespace LibMultipath.Benchmarks.Detailed;

/// <summary>
/// Several threads that submit to one head disk at once. The time is that of one thread for one bio, so a path that
/// scales takes the same at any number of threads, as long as there are as many processors.
/// </summary>
[MemoryDiagnoser]
public class ScalingBenchmarks
{
    private const int Paths = 4;
    private const int BiosEach = 100_000;

    private Multipath? _multipath;
    private Submitters? _submitters;

    [Params("numa", "round-robin", "queue-depth")]
    public string Policy { get; set; } = "";

    [Params(1, 2, 4)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _multipath = Multipath.OverNullPaths(IoPolicies.Parse(Policy), Paths);
        _submitters = new Submitters(_multipath.Disk, Threads, BiosEach);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _submitters?.Dispose();
        _multipath?.Dispose();
    }

    [Benchmark(OperationsPerInvoke = BiosEach)]
    public void Submit() => _submitters!.RunOnce();
}
