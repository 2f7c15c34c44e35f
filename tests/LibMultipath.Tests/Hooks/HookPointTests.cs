using LibMultipath.Hooks;
using LibMultipath.Reclamation;
using LibMultipath.Tests.Kit;

namespace LibMultipath.Tests.Hooks;

public sealed class HookPointTests
{
    private readonly List<string> _calls = [];
    private int _quiesced;

    [Fact]
    public void Nothing_attached_calls_nothing()
    {
        HookPoint<int> point = NewPoint();

        point.Raise(1);

        Assert.False(point.IsAttached);
        Assert.Equal(0, point.Faults);
    }

    [Fact]
    public void Handlers_are_called_in_the_order_in_which_they_were_attached_with_the_arguments()
    {
        HookPoint<int> point = NewPoint();
        using IDisposable first = point.Attach((scoped in int args) => _calls.Add($"first {args}"));
        using IDisposable second = point.Attach((scoped in int args) => _calls.Add($"second {args}"));

        Assert.True(point.IsAttached);
        point.Raise(1);
        point.Raise(2);

        Assert.Equal(["first 1", "second 1", "first 2", "second 2"], _calls);
    }

    [Fact]
    public void A_detached_handler_is_not_called_and_the_others_stay_in_order()
    {
        HookPoint<int> point = NewPoint();
        using IDisposable first = point.Attach((scoped in int _) => _calls.Add("first"));
        IDisposable second = point.Attach((scoped in int _) => _calls.Add("second"));
        using IDisposable third = point.Attach((scoped in int _) => _calls.Add("third"));

        second.Dispose();
        second.Dispose();
        point.Raise(1);

        Assert.Equal(["first", "third"], _calls);
        Assert.Equal(1, _quiesced);
    }

    [Fact]
    public void A_handler_that_is_attached_twice_is_detached_where_it_was_attached()
    {
        HookPoint<int> point = NewPoint();
        void Twice(scoped in int _) => _calls.Add("twice");
        using IDisposable first = point.Attach(Twice);
        using IDisposable between = point.Attach((scoped in int _) => _calls.Add("between"));
        IDisposable last = point.Attach(Twice);

        point.Raise(1);
        Assert.Equal(["twice", "between", "twice"], _calls);
        _calls.Clear();
        last.Dispose();
        point.Raise(1);

        Assert.Equal(["twice", "between"], _calls);
    }

    [Fact]
    public void After_the_last_was_detached_nothing_is_attached()
    {
        HookPoint<int> point = NewPoint();

        point.Attach((scoped in int _) => _calls.Add("never")).Dispose();
        point.Raise(1);

        Assert.False(point.IsAttached);
        Assert.Empty(_calls);
    }

    [Fact]
    public void What_a_handler_throws_is_counted_and_hurts_neither_caller_nor_others()
    {
        HookPoint<int> point = NewPoint();
        using IDisposable bad = point.Attach((scoped in int _) => throw new InvalidCastException("mine"));
        using IDisposable good = point.Attach((scoped in int _) => _calls.Add("good"));

        point.Raise(1);
        point.Raise(2);

        Assert.Equal(2, point.Faults);
        Assert.Equal(["good", "good"], _calls);
    }

    [Fact]
    public void A_handler_may_attach_another_which_is_called_from_the_next_pass_on()
    {
        HookPoint<int> point = NewPoint();
        IDisposable? inner = null;
        using IDisposable outer = point.Attach((scoped in int _) =>
            inner ??= point.Attach((scoped in int _) => _calls.Add("inner")));

        point.Raise(1);
        Assert.Empty(_calls);
        point.Raise(2);

        Assert.Equal(["inner"], _calls);
        inner!.Dispose();
    }

    [Fact]
    public void Arguments_may_live_on_the_stack()
    {
        var point = new HookPoint<Span<int>>(() => { });
        int sum = 0;
        using IDisposable attached = point.Attach((scoped in Span<int> args) =>
        {
            foreach (int value in args)
            {
                sum += value;
            }
        });

        point.Raise([1, 2, 3]);

        Assert.Equal(6, sum);
    }

    [Fact]
    public void A_pass_allocates_nothing()
    {
        HookPoint<int> point = NewPoint();
        long sum = 0;
        using IDisposable first = point.Attach((scoped in int args) => sum += args);
        using IDisposable second = point.Attach((scoped in int args) => sum -= args);
        long Measure()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 10_000; i++)
            {
                point.Raise(i);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Measure();

        Assert.Equal(0, Measure());
        Assert.Equal(0, sum);
    }

    [Fact]
    public async Task Detaching_waits_for_a_call_that_runs()
    {
        using var domain = new SrcuDomain();
        using var inside = new SemaphoreSlim(0);
        using var goOn = new SemaphoreSlim(0);
        var point = new HookPoint<int>(() => domain.Synchronize());
        IDisposable attached = point.Attach((scoped in int _) =>
        {
            inside.Release();
            Assert.True(goOn.Wait(Eventually.Limit));
        });
        Task pass = Task.Run(() => Raise(domain, point, 1));
        Assert.True(await inside.WaitAsync(Eventually.Limit));

        Task detach = Task.Run(attached.Dispose);
        await Eventually.TrueAsync(() => !point.IsAttached, "the handler to be taken off");
        Assert.False(detach.IsCompleted);
        goOn.Release();

        await detach.WaitAsync(Eventually.Limit);
        await pass.WaitAsync(Eventually.Limit);
        Assert.Equal(0, point.Faults);
    }

    [Fact]
    public async Task Attaching_and_detaching_under_load_loses_and_doubles_nothing()
    {
        using var domain = new SrcuDomain();
        var point = new HookPoint<int>(() => domain.Synchronize());
        int stop = 0;
        long passes = 0;
        long constant = 0;
        long afterDetach = 0;
        using IDisposable always = point.Attach((scoped in int _) => Interlocked.Increment(ref constant));
        Task[] raisers = [.. Enumerable.Range(0, 2).Select(_ => Task.Factory.StartNew(
            () =>
            {
                while (Volatile.Read(ref stop) == 0)
                {
                    Raise(domain, point, 1);
                    Interlocked.Increment(ref passes);
                }
            },
            TaskCreationOptions.LongRunning))];

        for (int round = 0; round < 300; round++)
        {
            int gone = 0;
            long calls = 0;
            IDisposable attached = point.Attach((scoped in int _) =>
            {
                Interlocked.Increment(ref calls);
                if (Volatile.Read(ref gone) != 0)
                {
                    Interlocked.Increment(ref afterDetach);
                }
            });
            if (round % 10 == 0)
            {
                Eventually.True(() => Volatile.Read(ref calls) > 0, "a call");
            }

            attached.Dispose();
            Volatile.Write(ref gone, 1);
        }

        Volatile.Write(ref stop, 1);
        await Task.WhenAll(raisers).WaitAsync(Eventually.Limit);

        Assert.Equal(0, afterDetach);
        Assert.Equal(passes, constant);
        Assert.Equal(0, point.Faults);
    }

    private static void Raise(SrcuDomain domain, HookPoint<int> point, int args)
    {
        using (domain.Enter())
        {
            point.Raise(args);
        }
    }

    private HookPoint<int> NewPoint() => new(() => _quiesced++);
}
