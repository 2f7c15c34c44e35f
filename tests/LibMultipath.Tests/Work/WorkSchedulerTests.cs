using LibMultipath.Tests.Kit;
using LibMultipath.Tests.Reclamation;
using LibMultipath.Work;

namespace LibMultipath.Tests.Work;

// It takes every thread of the pool.
[Collection(AloneCollection.Name)]
public sealed class WorkSchedulerTests
{
    [Fact]
    public void Reclaim_work_goes_on_while_every_thread_of_the_pool_is_blocked()
    {
        using var release = new ManualResetEventSlim();
        ThreadPool.GetMinThreads(out int least, out int leastPorts);
        ThreadPool.GetMaxThreads(out int most, out int mostPorts);
        int threads = Math.Max(ThreadPool.ThreadCount, least) + 4;
        using var left = new CountdownEvent(3 * threads);
        int blocked = 0;
        try
        {
            // A pool of so many threads and no more, and more blocking work than that: a thread that comes back blocks too.
            Assert.True(ThreadPool.SetMaxThreads(threads, mostPorts));
            Assert.True(ThreadPool.SetMinThreads(threads, leastPorts));
            for (int i = 0; i < 3 * threads; i++)
            {
                ThreadPool.UnsafeQueueUserWorkItem(
                    _ =>
                    {
                        Interlocked.Increment(ref blocked);
                        release.Wait();
                        left.Signal();
                    },
                    null);
            }

            Eventually.True(() => ThreadPool.ThreadCount >= threads && Volatile.Read(ref blocked) >= 4, "every thread to block");
            bool ranNormal = false;
            int runs = 0;
            var normal = new DeferredWork(WorkScheduler.Default, WorkKind.Normal, () => Volatile.Write(ref ranNormal, true));
            var reclaim = new DeferredWork(WorkScheduler.Default, WorkKind.Reclaim, () => Interlocked.Increment(ref runs));
            normal.Queue();
            for (int i = 0; i < 100; i++)
            {
                reclaim.Queue();
                Eventually.True(() => Volatile.Read(ref runs) > i, "the work to run");
            }
            Assert.False(Volatile.Read(ref ranNormal));
            release.Set();
            Eventually.True(() => Volatile.Read(ref ranNormal), "the pool to go on");
        }
        finally
        {
            release.Set();
            Assert.True(ThreadPool.SetMinThreads(least, leastPorts));
            Assert.True(ThreadPool.SetMaxThreads(most, mostPorts));
        }

        // The last of them may begin only now.
        Assert.True(left.Wait(Eventually.Limit));
    }

    [Fact]
    public void Reclaim_work_that_blocks_does_not_stop_other_reclaim_work()
    {
        using var release = new ManualResetEventSlim();
        using var entered = new ManualResetEventSlim();
        bool ran = false;
        var blocking = new DeferredWork(WorkScheduler.Default, WorkKind.Reclaim, () =>
        {
            entered.Set();
            release.Wait();
        });
        var other = new DeferredWork(WorkScheduler.Default, WorkKind.Reclaim, () => Volatile.Write(ref ran, true));

        blocking.Queue();
        Assert.True(entered.Wait(Eventually.Limit));
        other.Queue();
        Eventually.True(() => Volatile.Read(ref ran), "the other work");
        release.Set();
        blocking.Flush();
    }

    [Fact]
    public void There_is_one_scheduler_and_its_threads_do_not_keep_the_process()
    {
        Thread? thread = null;
        var work = new DeferredWork(WorkScheduler.Default, WorkKind.Reclaim, () => Volatile.Write(ref thread, Thread.CurrentThread));

        work.Queue();
        Eventually.True(() => Volatile.Read(ref thread) is not null, "the work to run");

        Assert.Same(WorkScheduler.Default, WorkScheduler.Default);
        Assert.True(thread!.IsBackground);
        Assert.False(thread.IsThreadPoolThread);
    }
}
