using LibMultipath.Block;

namespace LibMultipath.Tests.Block;

/// <summary>A disk that ends one attempt at a time on a thread of its own, and allocates nothing.</summary>
internal sealed class ThreadedDisk : DriverDisk, IDisposable
{
    private readonly SemaphoreSlim _work = new(0);
    private readonly Thread _thread;
    private BioAttempt _attempt;
    private volatile bool _stopped;

    public ThreadedDisk()
        : base("threaded", 1 << 20)
    {
        _thread = new Thread(Serve) { IsBackground = true };
        _thread.Start();
    }

    public void Dispose()
    {
        _stopped = true;
        _work.Release();
        _thread.Join();
        _work.Dispose();
    }

    protected override void SubmitBio(BioAttempt attempt)
    {
        _attempt = attempt;
        _work.Release();
    }

    private void Serve()
    {
        while (true)
        {
            _work.Wait();
            if (_stopped)
            {
                return;
            }

            _attempt.Complete(BlockStatus.Ok);
        }
    }
}
