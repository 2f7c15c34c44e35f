using System.Collections.Concurrent;
using LibMultipath.Reclamation;
using LibMultipath.Tests.Kit;
using Xunit.Abstractions;
using Kind = LibMultipath.Tests.Reclamation.SrcuHistory.Kind;

namespace LibMultipath.Tests.Reclamation;

public sealed class SrcuLinearizabilityTests(ITestOutputHelper output)
{
    private const int Histories = 200;
    private const int Threads = 3;
    private const int OperationsPerThread = 4;

    private long _clock;

    [Fact]
    public async Task What_threads_see_of_a_domain_has_an_order_that_the_contract_allows()
    {
        Random random = Seeds.Random(output);
        int steps = 0;
        for (int i = 0; i < Histories; i++)
        {
            SrcuHistory history = await RecordAsync(random);
            steps += history.Count;
            Assert.True(history.IsLinearizable(), $"History {i}:\n{history}");
        }
        output.WriteLine($"{steps} steps");
    }

    [Fact]
    public void A_wait_that_ends_before_a_section_that_began_before_it_is_found_out()
    {
        SrcuHistory history = new();
        int section = history.Add(Kind.Lock, 1, 2);
        int wait = history.Add(Kind.WaitBegins, 3, 4);
        history.Add(Kind.WaitEnds, 3, 4, wait);
        history.Add(Kind.Unlock, 5, 6, section);
        Assert.False(history.IsLinearizable());
    }

    [Fact]
    public void A_wait_may_end_before_a_section_that_began_at_the_same_time()
    {
        SrcuHistory history = new();
        int section = history.Add(Kind.Lock, 1, 4);
        int wait = history.Add(Kind.WaitBegins, 2, 3);
        history.Add(Kind.WaitEnds, 2, 3, wait);
        history.Add(Kind.Unlock, 5, 6, section);
        Assert.True(history.IsLinearizable());
    }

    [Fact]
    public void A_callback_that_runs_too_early_is_found_out()
    {
        SrcuHistory history = new();
        int section = history.Add(Kind.Lock, 1, 2);
        int call = history.Add(Kind.CallBegins, 3, 4);
        history.Add(Kind.CallbackRuns, 5, 5, call);
        history.Add(Kind.Unlock, 6, 7, section);
        Assert.False(history.IsLinearizable());
    }

    [Fact]
    public void A_barrier_that_ends_before_a_callback_is_found_out()
    {
        SrcuHistory history = new();
        int call = history.Add(Kind.CallBegins, 1, 2);
        int barrier = history.Add(Kind.BarrierBegins, 3, 4);
        history.Add(Kind.BarrierEnds, 3, 4, barrier);
        history.Add(Kind.CallbackRuns, 5, 5, call);
        Assert.False(history.IsLinearizable());
    }

    [Fact]
    public void A_poll_that_is_true_too_early_or_false_too_late_is_found_out()
    {
        SrcuHistory early = new();
        int section = early.Add(Kind.Lock, 1, 2);
        int state = early.Add(Kind.StateTaken, 3, 4);
        early.Add(Kind.PolledTrue, 5, 6, state);
        early.Add(Kind.Unlock, 7, 8, section);
        Assert.False(early.IsLinearizable());

        SrcuHistory late = new();
        state = late.Add(Kind.StateTaken, 1, 2);
        int wait = late.Add(Kind.WaitBegins, 3, 4);
        late.Add(Kind.WaitEnds, 3, 4, wait);
        late.Add(Kind.PolledFalse, 5, 6, state);
        Assert.False(late.IsLinearizable());
    }

    private long Now() => Interlocked.Increment(ref _clock);

    private async Task<SrcuHistory> RecordAsync(Random random)
    {
        SrcuHistory history = new();
        SrcuDomain domain = new();
        using BlockingCollection<(SrcuToken Token, int Lock)> handedOver = [];
        using Barrier start = new(Threads);
        OtherThread[] threads =
        [
            .. Enumerable.Range(0, Threads).Select(_ =>
            {
                int seed = random.Next();
                return OtherThread.Start(() => Operate(domain, history, handedOver, start, new Random(seed)));
            }),
        ];
        OtherThread ender = OtherThread.Start(() =>
        {
            foreach ((SrcuToken token, int section) in handedOver.GetConsumingEnumerable())
            {
                Unlock(domain, history, token, section);
            }
        });
        Array.ForEach(threads, static thread => thread.Join());
        handedOver.CompleteAdding();
        ender.Join();
        await domain.DisposeAsync().AsTask().WaitAsync(Eventually.Limit);
        return history;
    }

    private void Operate(SrcuDomain domain, SrcuHistory history, BlockingCollection<(SrcuToken Token, int Lock)> handedOver, Barrier start, Random random)
    {
        SrcuState state = default;
        int stateTaken = -1;
        start.SignalAndWait();
        for (int i = 0; i < OperationsPerThread; i++)
        {
            long from = Now();
            switch (random.Next(8))
            {
                case 0 or 1:
                    SrcuToken token = domain.ReadLock();
                    int section = Add(history, Kind.Lock, from, Now());
                    Thread.SpinWait(random.Next(200));
                    Unlock(domain, history, token, section);
                    break;
                case 2:
                    SrcuToken traveller = domain.ReadLock();
                    handedOver.Add((traveller, Add(history, Kind.Lock, from, Now())));
                    break;
                case 3 or 4:
                    domain.Synchronize();
                    AddWait(history, Kind.WaitBegins, Kind.WaitEnds, from, Now());
                    break;
                case 5:
                    Call(domain, history, from);
                    break;
                case 6:
                    domain.Barrier();
                    AddWait(history, Kind.BarrierBegins, Kind.BarrierEnds, from, Now());
                    break;
                default:
                    if (stateTaken < 0)
                    {
                        state = random.Next(2) == 0 ? domain.GetState() : domain.StartPoll();
                        stateTaken = Add(history, Kind.StateTaken, from, Now());
                        from = Now();
                    }
                    bool passed = domain.Poll(state);
                    Add(history, passed ? Kind.PolledTrue : Kind.PolledFalse, from, Now(), stateTaken);
                    break;
            }
        }
    }

    private void Call(SrcuDomain domain, SrcuHistory history, long from)
    {
        // The callback may run before Call has returned, so the step is there before it is known when it ended.
        int call = Add(history, Kind.CallBegins, from, long.MaxValue);
        domain.Call(() =>
        {
            long now = Now();
            Add(history, Kind.CallbackRuns, now, now, call);
        });
        long to = Now();
        lock (history)
        {
            history.End(call, to);
        }
    }

    private void Unlock(SrcuDomain domain, SrcuHistory history, SrcuToken token, int section)
    {
        long from = Now();
        domain.ReadUnlock(token);
        Add(history, Kind.Unlock, from, Now(), section);
    }

    private static void AddWait(SrcuHistory history, Kind begins, Kind ends, long from, long to)
    {
        lock (history)
        {
            history.Add(ends, from, to, history.Add(begins, from, to));
        }
    }

    private static int Add(SrcuHistory history, Kind kind, long from, long to, int of = -1)
    {
        lock (history)
        {
            return history.Add(kind, from, to, of);
        }
    }
}
