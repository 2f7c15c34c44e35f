using BenchmarkDotNet.Attributes;
using LibMultipath.Benchmarks.Operations;
using LibMultipath.Benchmarks.Rig;
using LibMultipath.Selection;

namespace LibMultipath.Benchmarks.Detailed;

/// <summary>What it costs to select a path, by policy and by the number of optimized paths.</summary>
[MemoryDiagnoser]
public class SelectionBenchmarks
{
    private Multipath? _multipath;
    private PathSelect _select;

    [Params("numa", "round-robin", "queue-depth")]
    public string Policy { get; set; } = "";

    [Params(2, 4, 16, 64, 256)]
    public int Paths { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _multipath = Multipath.OverNullPaths(IoPolicies.Parse(Policy), Paths);
        if (ReferenceEquals(_multipath.Head.Policy.Selector, IoPolicies.QueueDepth))
        {
            _multipath.LoadEveryController();
        }

        _select = new PathSelect(_multipath.Head);
    }

    [GlobalCleanup]
    public void Cleanup() => _multipath?.Dispose();

    [Benchmark]
    public void Select() => _select.Invoke();
}
