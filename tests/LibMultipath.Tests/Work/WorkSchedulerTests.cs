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
        bool ranNormal = false;
        using (new BlockedPool())
        {
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
        }

        Eventually.True(() => Volatile.Read(ref ranNormal), "the pool to go on");
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
