using LibMultipath.Tests.Kit;
using LibMultipath.Work;

namespace LibMultipath.Tests.Work;

public sealed class DeferredWorkTests
{
    private readonly ManualScheduler _scheduler = new();
    private int _runs;

    [Fact]
    public void Work_runs_once_however_often_it_was_asked_for_while_it_waited()
    {
        DeferredWork work = NewWork(() => _runs++);

        Assert.True(work.Queue());
        Assert.False(work.Queue());
        Assert.False(work.Queue());
        Assert.Equal(0, _runs);
        RunAll();

        Assert.Equal(1, _runs);
        Assert.Equal(1, _scheduler.Scheduled);
        Assert.True(work.Queue());
        RunAll();
        Assert.Equal(2, _runs);
    }

    [Fact]
    public void Work_that_is_asked_for_while_it_runs_runs_once_more()
    {
        DeferredWork? work = null;
        work = NewWork(() =>
        {
            if (++_runs == 1)
            {
                Assert.True(work!.Queue());
                Assert.False(work.Queue());
                Assert.Equal(0, _scheduler.Waiting);
            }
        });

        work.Queue();
        RunAll();

        Assert.Equal(2, _runs);
    }

    [Fact]
    public void A_scheduler_that_runs_it_unasked_does_nothing()
    {
        DeferredWork work = NewWork(() => _runs++);

        work.Run();
        work.Queue();
        work.Run();
        RunAll();

        Assert.Equal(1, _runs);
    }

    [Fact]
    public void Work_never_runs_beside_itself()
    {
        DeferredWork? work = null;
        work = NewWork(() =>
        {
            if (++_runs == 1)
            {
                work!.Queue();
                work.Run();
                Assert.Equal(1, _runs);
            }
        });

        work.Queue();
        RunAll();

        Assert.Equal(2, _runs);
    }

    [Fact]
    public void What_the_work_throws_is_reported_and_does_not_stop_it()
    {
        var faults = new List<Exception>();
        var fault = new InvalidDataException("mine");
        var work = new DeferredWork(
            _scheduler,
            WorkKind.Normal,
            () =>
            {
                _runs++;
                throw fault;
            },
            faults.Add);

        work.Queue();
        RunAll();
        work.Queue();
        RunAll();
        work.Flush();

        Assert.Equal(2, _runs);
        Assert.Equal([fault, fault], faults);
    }

    [Fact]
    public void A_report_that_throws_does_not_stop_the_work_for_good()
    {
        var work = new DeferredWork(
            _scheduler,
            WorkKind.Normal,
            () => throw new InvalidDataException($"run {++_runs}"),
            fault => throw new InvalidOperationException("of the report", fault));

        work.Queue();
        Assert.Throws<InvalidOperationException>(() => _scheduler.RunOne());
        work.Flush();
        Assert.True(work.Queue());
        Assert.Throws<InvalidOperationException>(() => _scheduler.RunOne());

        Assert.Equal(2, _runs);
    }

    [Fact]
    public void A_flush_of_work_that_nobody_asked_for_returns()
    {
        NewWork(() => _runs++).Flush();

        Assert.Equal(0, _runs);
    }

    [Fact]
    public void A_flush_from_inside_the_work_returns()
    {
        DeferredWork? work = null;
        work = NewWork(() =>
        {
            work!.Queue();
            work.Flush();
            _runs++;
        });

        work.Queue();
        _scheduler.RunOne();

        Assert.Equal(1, _runs);
    }

    [Fact]
    public void A_flush_does_what_nobody_has_begun_and_the_scheduler_finds_nothing_to_do()
    {
        DeferredWork work = NewWork(() => _runs++);
        work.Queue();

        work.Flush();
        Assert.Equal(1, _runs);
        RunAll();

        Assert.Equal(1, _runs);
        Assert.True(work.Queue());
        RunAll();
        Assert.Equal(2, _runs);
    }

    [Fact]
    public void A_flush_is_for_what_was_asked_before_it()
    {
        DeferredWork? work = null;
        work = NewWork(() =>
        {
            // It asks for itself for ever; a flush that waited for that would never return.
            _runs++;
            work!.Queue();
        });
        work.Queue();

        work.Flush();

        Assert.Equal(1, _runs);
    }

    [Fact]
    public async Task A_flush_waits_for_a_run_that_another_thread_has_begun()
    {
        using var inside = new SemaphoreSlim(0);
        using var goOn = new SemaphoreSlim(0);
        DeferredWork work = NewWork(() =>
        {
            inside.Release();
            Assert.True(goOn.Wait(Eventually.Limit));
            _runs++;
        });
        work.Queue();
        Task run = Task.Run(() => _scheduler.RunOne());
        Assert.True(await inside.WaitAsync(Eventually.Limit));

        Task flush = StartFlush(work);
        Assert.False(flush.IsCompleted);
        goOn.Release();
        await flush.WaitAsync(Eventually.Limit);

        Assert.Equal(1, _runs);
        await run.WaitAsync(Eventually.Limit);
    }

    [Fact]
    public async Task A_flush_while_it_runs_waits_for_the_run_that_was_asked_for_meanwhile()
    {
        using var inside = new SemaphoreSlim(0);
        using var goOn = new SemaphoreSlim(0);
        DeferredWork work = NewWork(() =>
        {
            inside.Release();
            Assert.True(goOn.Wait(Eventually.Limit));
            Interlocked.Increment(ref _runs);
        });
        work.Queue();
        Task first = Task.Run(() =>
        {
            while (_scheduler.RunOne())
            {
                // The run that is asked for meanwhile comes to the scheduler as well.
            }
        });
        Assert.True(await inside.WaitAsync(Eventually.Limit));
        Assert.True(work.Queue());
        Task flush = StartFlush(work);

        goOn.Release();
        Assert.True(await inside.WaitAsync(Eventually.Limit));
        Assert.Equal(1, _runs);
        Assert.False(flush.IsCompleted);
        goOn.Release();
        await flush.WaitAsync(Eventually.Limit);
        await first.WaitAsync(Eventually.Limit);

        Assert.Equal(2, _runs);
    }

    [Fact]
    public void Asked_for_from_many_threads_it_runs_after_the_last_and_never_beside_itself()
    {
        const int threads = 4;
        const int times = 20_000;
        long asked = 0;
        long seen = 0;
        int inside = 0;
        int beside = 0;
        var work = new DeferredWork(WorkScheduler.Default, WorkKind.Reclaim, () =>
        {
            if (Interlocked.Increment(ref inside) != 1)
            {
                Interlocked.Increment(ref beside);
            }

            Volatile.Write(ref seen, Volatile.Read(ref asked));
            Interlocked.Decrement(ref inside);
            _runs++;
        });

        Thread[] askers = [.. Enumerable.Range(0, threads).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < times; i++)
            {
                Interlocked.Increment(ref asked);
                work.Queue();
                if (i % 1000 == 0)
                {
                    long before = Volatile.Read(ref asked);
                    work.Queue();
                    work.Flush();
                    Assert.True(Volatile.Read(ref seen) >= before);
                }
            }
        }))];
        Array.ForEach(askers, thread => thread.Start());
        Array.ForEach(askers, thread => thread.Join());
        work.Flush();

        Assert.Equal(threads * times, seen);
        Assert.Equal(0, beside);
        Assert.InRange(_runs, 1, (threads * times) + (threads * times / 1000));
    }

    private static Task StartFlush(DeferredWork work)
    {
        using var started = new SemaphoreSlim(0);
        Task flush = Task.Factory.StartNew(
            () =>
            {
                started.Release();
                work.Flush();
            },
            TaskCreationOptions.LongRunning);
        Assert.True(started.Wait(Eventually.Limit));
        return flush;
    }

    private DeferredWork NewWork(Action action) => new(_scheduler, WorkKind.Normal, action);

    private void RunAll()
    {
        while (_scheduler.RunOne())
        {
            Assert.True(_runs < 1000, "It does not come to an end.");
        }
    }
}
