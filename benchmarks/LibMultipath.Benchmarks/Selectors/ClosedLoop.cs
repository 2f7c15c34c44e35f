using System.Diagnostics;
using LibMultipath.Benchmarks.Rig;
using LibMultipath.Block;

namespace LibMultipath.Benchmarks.Selectors;

/// <summary>So many I/Os in flight all the time: each is submitted again by whoever ends it.</summary>
internal sealed class ClosedLoop
{
    private readonly BlockDevice _disk;
    private readonly CountdownEvent _done;
    private readonly int[] _nanoseconds = new int[4 << 20];
    private long _count;
    private long _errors;
    private volatile bool _counts;
    private volatile bool _stop;

    public ClosedLoop(BlockDevice disk, int depth)
    {
        _disk = disk;
        _done = new CountdownEvent(depth);
        for (int i = 0; i < depth; i++)
        {
            Bio bio = Multipath.NewRead();
            bio.Sector = 8 * i;
            long begun = Stopwatch.GetTimestamp();
            bio.EndIo = ended =>
            {
                Count(ended, begun);
                if (_stop)
                {
                    ended.Dispose();
                    _done.Signal();
                    return;
                }

                begun = Stopwatch.GetTimestamp();
                ended.Sector = (ended.Sector + (8 * depth)) & 0xffff;
                _disk.Submit(ended);
            };
            _disk.Submit(bio);
        }
    }

    /// <summary>From now on, what ends is counted.</summary>
    public void BeginCounting() => _counts = true;

    /// <summary>Submits no more, and waits for what is under way.</summary>
    public void Stop()
    {
        _counts = false;
        _stop = true;
        if (!_done.Wait(TimeSpan.FromSeconds(30)))
        {
            throw new TimeoutException("An I/O did not end in 30 seconds.");
        }

        _done.Dispose();
    }

    /// <summary>What was counted: the I/Os, and the time in microseconds that all but one in a hundred kept to.</summary>
    public (long Ios, double P99) Result()
    {
        if (_errors != 0)
        {
            throw new InvalidOperationException($"{_errors} I/Os failed.");
        }

        int kept = (int)Math.Min(_count, _nanoseconds.Length);
        Array.Sort(_nanoseconds, 0, kept);
        return (_count, kept == 0 ? 0 : _nanoseconds[(int)(0.99 * (kept - 1))] / 1000.0);
    }

    private void Count(Bio bio, long begun)
    {
        if (bio.Status != BlockStatus.Ok)
        {
            Interlocked.Increment(ref _errors);
        }

        if (_counts)
        {
            long index = Interlocked.Increment(ref _count) - 1;
            if (index < _nanoseconds.Length)
            {
                _nanoseconds[index] = (int)Math.Min(int.MaxValue, Stopwatch.GetElapsedTime(begun).TotalNanoseconds);
            }
        }
    }
}
