using LibMultipath.Block;

namespace LibMultipath.Benchmarks.Rig;

/// <summary>Threads that submit a number of bios each, all at once, whenever they are told to.</summary>
internal sealed class Submitters : IDisposable
{
    private readonly BlockDevice _disk;
    private readonly int _biosEach;
    private readonly Barrier _barrier;
    private readonly Thread[] _threads;
    private bool _stop;

    public Submitters(BlockDevice disk, int threads, int biosEach)
    {
        _disk = disk;
        _biosEach = biosEach;
        _barrier = new Barrier(threads + 1);
        _threads = [.. Enumerable.Range(0, threads).Select(_ => new Thread(Serve) { IsBackground = true })];
        foreach (Thread thread in _threads)
        {
            thread.Start();
        }
    }

    /// <summary>Returns when each has submitted its bios, and all have ended.</summary>
    public void RunOnce()
    {
        _barrier.SignalAndWait();
        _barrier.SignalAndWait();
    }

    public void Dispose()
    {
        _stop = true;
        _barrier.SignalAndWait();
        foreach (Thread thread in _threads)
        {
            thread.Join();
        }

        _barrier.Dispose();
    }

    private void Serve()
    {
        using Bio bio = Multipath.NewRead();
        while (true)
        {
            _barrier.SignalAndWait();
            if (_stop)
            {
                return;
            }

            for (int i = 0; i < _biosEach; i++)
            {
                _disk.Submit(bio);
            }

            _barrier.SignalAndWait();
        }
    }
}
