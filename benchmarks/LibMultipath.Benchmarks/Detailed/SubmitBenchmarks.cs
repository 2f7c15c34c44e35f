using BenchmarkDotNet.Attributes;
using LibMultipath.Benchmarks.Rig;
using LibMultipath.Block;
using LibMultipath.Selection;

namespace LibMultipath.Benchmarks.Detailed;

/// <summary>A read of 4 KiB through the head disk over four paths that complete at once, beside one such path alone.</summary>
[MemoryDiagnoser]
public class SubmitBenchmarks
{
    private const int Paths = 4;

    private readonly NullDisk _direct = new("direct");
    private readonly Bio _bio = Multipath.NewRead();
    private readonly Memory<byte> _memory = new byte[4096];
    private Multipath? _multipath;

    [Params("numa", "round-robin", "queue-depth")]
    public string Policy { get; set; } = "";

    [GlobalSetup]
    public void Setup() => _multipath = Multipath.OverNullPaths(IoPolicies.Parse(Policy), Paths);

    [GlobalCleanup]
    public void Cleanup() => _multipath?.Dispose();

    [Benchmark(Baseline = true, Description = "direct")]
    public void Direct() => _direct.Submit(_bio);

    [Benchmark(Description = "submit")]
    public void Submit() => _multipath!.Disk.Submit(_bio);

    [Benchmark(Description = "submit, with the task awaited")]
    public ValueTask<BlockStatus> SubmitAsync() => _multipath!.Disk.ReadAsync(0, _memory);
}
