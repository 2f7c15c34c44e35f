using LibMultipath.Block;

namespace LibMultipath.Nbd.Tests.Kit.Rig;

/// <summary>A path that keeps what comes until it is let go, and whose driver and logger throw when it is asked to give something up.</summary>
internal sealed class FaultyPath(int bytes) : DriverDisk("faulty", bytes / 512, MemoryPath.DefaultLimits with { MaxSectors = Most / 512 }, logger: new ThrowingLogger())
{
    /// <summary>The most that it takes at a time, in bytes; longer I/O comes in parts.</summary>
    public const int Most = 16 * 1024;

    private readonly Lock _lock = new();
    private readonly List<BioAttempt> _kept = [];
    private int _asked;

    /// <summary>How many I/Os it keeps.</summary>
    public int Kept
    {
        get
        {
            lock (_lock)
            {
                return _kept.Count;
            }
        }
    }

    /// <summary>How often it was asked to give one up.</summary>
    public int Asked => Volatile.Read(ref _asked);

    /// <summary>What was kept ends.</summary>
    public void LetGo()
    {
        BioAttempt[] kept;
        lock (_lock)
        {
            kept = [.. _kept];
            _kept.Clear();
        }

        Array.ForEach(kept, attempt => attempt.End(BlockStatus.Ok));
    }

    protected override void SubmitBio(BioAttempt attempt)
    {
        lock (_lock)
        {
            _kept.Add(attempt);
        }
    }

    protected override void Abort(BioAttempt attempt)
    {
        Interlocked.Increment(ref _asked);
        throw new InvalidOperationException("a fault of the driver");
    }
}
