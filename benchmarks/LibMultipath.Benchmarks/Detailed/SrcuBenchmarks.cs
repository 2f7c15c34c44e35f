using BenchmarkDotNet.Attributes;
using FASTER.core;
using LibMultipath.Benchmarks.Operations;
using LibMultipath.Reclamation;

namespace LibMultipath.Benchmarks.Detailed;

/// <summary>A read section beside what else could keep a path from going.</summary>
[MemoryDiagnoser]
public class SrcuBenchmarks
{
    private readonly SrcuDomain _domain = new();
    private readonly PaddedCounter _counter = new();
    private readonly Lock _lock = new();
    private readonly ReaderWriterLockSlim _readerWriterLock = new();
    private readonly LightEpoch _epoch = new();

    [Benchmark(Baseline = true, Description = "interlocked_pair")]
    public void Interlocked() => new InterlockedPair(_counter).Invoke();

    [Benchmark(Description = "srcu.enter_exit")]
    public void EnterExit() => new SrcuScope(_domain).Invoke();

    [Benchmark(Description = "srcu.lock_unlock")]
    public void LockUnlock() => new SrcuTokenPair(_domain).Invoke();

    [Benchmark(Description = "lock")]
    public void Lock() => new LockPair(_lock).Invoke();

    [Benchmark(Description = "rwlockslim")]
    public void ReaderWriterLock() => new ReaderWriterLockPair(_readerWriterLock).Invoke();

    [Benchmark(Description = "lightepoch")]
    public void Epoch() => new LightEpochPair(_epoch).Invoke();

    [Benchmark(Description = "srcu.synchronize")]
    public void Synchronize() => new SrcuSynchronize(_domain).Invoke();
}
