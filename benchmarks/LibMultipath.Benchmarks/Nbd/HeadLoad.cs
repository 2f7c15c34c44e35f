using System.Diagnostics;
using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Nbd;
using LibMultipath.Nbd.Client;
using LibMultipath.Paths;
using LibMultipath.Selection;

namespace LibMultipath.Benchmarks.Nbd;

/// <summary>A head over paths to one server, and so many random I/Os of 4 KiB in flight on it all the time.</summary>
internal sealed class HeadLoad : IDisposable
{
    private const int BlockSectors = 8;
    private const int BlockSize = BlockSectors * QueueLimits.SectorSize;

    private readonly MpathHead _head;
    private readonly MpathDisk _disk;
    private readonly CountdownEvent _done;
    private readonly long _blocks;
    private long _ended;
    private long _errors;
    private volatile bool _stop;

    public HeadLoad(string socket, int paths, BioOp op, int depth)
    {
        _head = new MpathHead("bench", new NbdHeadTemplate(new MpathIoPolicy(IoPolicies.RoundRobin)));
        _disk = new MpathDisk(_head);
        for (int i = 0; i < paths; i++)
        {
            var path = new NbdPath($"path{i}", new NbdPathOptions { Address = NbdAddress.Parse($"unix:{socket}") });
            path.Connect();
            path.AddTo(_head, new MpathController(i));
        }

        _blocks = _disk.CapacitySectors / BlockSectors;
        _done = new CountdownEvent(depth);
        for (int i = 0; i < depth; i++)
        {
            var bio = new Bio();
            bio.Reset(op);
            bio.AddSegment(GC.AllocateArray<byte>(BlockSize, pinned: true));
            bio.Tag = i + 1;
            bio.EndIo = OnEnded;
            Submit(bio);
        }
    }

    /// <summary>Counts for some time.</summary>
    /// <returns>I/Os a second, and bytes allocated for each.</returns>
    public (double Iops, double Bytes) Measure(TimeSpan time)
    {
        long bytes = GC.GetTotalAllocatedBytes(precise: true);
        long ended = Volatile.Read(ref _ended);
        long begun = Stopwatch.GetTimestamp();
        Thread.Sleep(time);
        double seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        long count = Volatile.Read(ref _ended) - ended;
        return (count / seconds, (GC.GetTotalAllocatedBytes(precise: true) - bytes) / (double)count);
    }

    public void Dispose()
    {
        _stop = true;
        if (!_done.Wait(TimeSpan.FromSeconds(30)))
        {
            throw new TimeoutException("An I/O did not end in 30 seconds.");
        }

        if (_errors != 0)
        {
            throw new InvalidOperationException($"{_errors} I/Os failed.");
        }

        _disk.Dispose();
        foreach (MpathDevice path in _head.Paths.ToArray())
        {
            _head.Remove(path);
        }

        _head.Dispose();
        _done.Dispose();
    }

    private void OnEnded(Bio bio)
    {
        Interlocked.Increment(ref _ended);
        if (bio.Status != BlockStatus.Ok)
        {
            Interlocked.Increment(ref _errors);
        }

        if (_stop)
        {
            _done.Signal();
        }
        else
        {
            Submit(bio);
        }
    }

    private void Submit(Bio bio)
    {
        // Knuth's: the high bits are random enough.
        bio.Tag = (bio.Tag * 6364136223846793005) + 1442695040888963407;
        bio.Sector = (long)((ulong)bio.Tag >> 24) % _blocks * BlockSectors;
        _disk.Submit(bio);
    }
}
