namespace LibMultipath.Tests.Kit;

/// <summary>
/// Blocks every thread of the pool for as long as it lives, so that nothing that is given to the pool runs, nor what awaits,
/// nor a timer of the system's. Only for tests that run alone, and that wait by blocking their thread.
/// </summary>
internal sealed class BlockedPool : IDisposable
{
    private readonly ManualResetEventSlim _release = new();
    private readonly CountdownEvent _left;
    private readonly (int Workers, int Ports) _least;
    private readonly (int Workers, int Ports) _most;
    private int _blocked;
    private bool _probeRan;

    public BlockedPool()
    {
        // A pool of so many threads and no more, and more blocking work than that: a thread that comes back blocks too.
        // Some are others' from the start, and do something else: the test's own, perhaps, or those of who runs it.
        const int Ours = 4;
        ThreadPool.GetMinThreads(out _least.Workers, out _least.Ports);
        ThreadPool.GetMaxThreads(out _most.Workers, out _most.Ports);
        int threads = Math.Max(ThreadPool.ThreadCount, _least.Workers) + Ours;
        _left = new CountdownEvent(3 * threads);
        try
        {
            Assert.True(ThreadPool.SetMaxThreads(threads, _most.Ports));
            Assert.True(ThreadPool.SetMinThreads(threads, _least.Ports));
            for (int i = 0; i < 3 * threads; i++)
            {
                ThreadPool.UnsafeQueueUserWorkItem(static pool => pool.Block(), this, preferLocal: false);
            }

            Eventually.True(() => ThreadPool.ThreadCount >= threads && Volatile.Read(ref _blocked) >= Ours, "every thread of the pool to block");
            ThreadPool.UnsafeQueueUserWorkItem(static pool => Volatile.Write(ref pool._probeRan, true), this, preferLocal: false);
        }
        catch
        {
            Unblock();
            throw;
        }
    }

    /// <summary>That nothing has run in the pool since it was blocked; otherwise the test says nothing.</summary>
    public void AssertBlocked() => Assert.False(Volatile.Read(ref _probeRan), "The pool was not blocked, so the test says nothing.");

    /// <summary>The pool goes on. Returns when all that was in its way has gone.</summary>
    public void Dispose()
    {
        Unblock();
        Assert.True(_left.Wait(Eventually.Limit), "The pool does not go on.");
        _left.Dispose();
        _release.Dispose();
    }

    private void Unblock()
    {
        _release.Set();
        Assert.True(ThreadPool.SetMinThreads(_least.Workers, _least.Ports));
        Assert.True(ThreadPool.SetMaxThreads(_most.Workers, _most.Ports));
    }

    private void Block()
    {
        Interlocked.Increment(ref _blocked);
        _release.Wait();
        _left.Signal();
    }
}
