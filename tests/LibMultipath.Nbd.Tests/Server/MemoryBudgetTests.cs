using FsCheck;
using FsCheck.Fluent;
using LibMultipath.Nbd.Server;
using Xunit.Abstractions;

namespace LibMultipath.Nbd.Tests.Server;

public sealed class MemoryBudgetTests(ITestOutputHelper output)
{
    private const int Limit = 1000;

    private readonly MemoryBudget _budget = new(Limit);

    [Fact]
    public void One_connection_has_half_at_the_most()
    {
        MemoryShare share = Share();
        for (int i = 0; i < 5; i++)
        {
            Assert.True(_budget.TryTake(share, 100));
        }

        Assert.False(_budget.TryTake(share, 100));
        Assert.True(_budget.TryTake(Share(), 500));
    }

    [Fact]
    public void A_connection_that_has_nothing_gets_all_that_it_asks_for()
    {
        Assert.True(_budget.TryTake(Share(), Limit));
    }

    [Fact]
    public void What_is_large_is_not_overtaken()
    {
        MemoryShare first = Share(), large = Share(), small = Share();
        Assert.True(_budget.TryTake(first, 400));
        Assert.False(_budget.TryTake(large, 800));

        Assert.False(_budget.TryTake(small, 100));
        _budget.Return(first, 400);

        Assert.True(_budget.HasGot(large));
        Assert.True(_budget.HasGot(small));
    }

    [Fact]
    public void Who_has_had_its_share_holds_up_nobody()
    {
        MemoryShare greedy = Share();
        Assert.True(_budget.TryTake(greedy, 500));
        Assert.False(_budget.TryTake(greedy, 100));

        Assert.True(_budget.TryTake(Share(), 100));
        Assert.False(_budget.HasGot(greedy));
    }

    [Fact]
    public void Who_leaves_lets_those_behind_go_on()
    {
        MemoryShare first = Share(), large = Share(), small = Share();
        Assert.True(_budget.TryTake(first, 400));
        Assert.False(_budget.TryTake(large, 800));
        Assert.False(_budget.TryTake(small, 100));

        Assert.True(_budget.Leave(large));

        Assert.True(_budget.HasGot(small));
        Assert.False(_budget.Leave(small));
    }

    [Fact]
    public void A_small_request_is_served_while_large_ones_hold_the_rest_and_others_wait()
    {
        const long MiB = 1 << 20;
        var budget = new MemoryBudget(256 * MiB);
        MemoryShare[] large = [.. Enumerable.Range(0, 9).Select(_ => Share())];
        Assert.Equal(7, large.Count(share => budget.TryTake(share, 32 * MiB)));

        // As many as fit into what is kept for them, beside those that wait.
        MemoryShare[] small = [.. Enumerable.Range(0, 65).Select(_ => Share())];
        Assert.Equal(64, small.Count(share => budget.TryTake(share, 128 * 1024)));
        Assert.Equal(32 * MiB, budget.HeldWhileOthersWait(large[0]));

        // What is large has its turn before more of the small.
        budget.Return(large[0], 32 * MiB);
        Assert.True(budget.HasGot(large[7]));
        Assert.False(budget.HasGot(large[8]));
        Assert.False(budget.HasGot(small[64]));
    }

    /// <summary>Connections that ask, wait and give back at random: the limit is kept, and in the end all have had their turn.</summary>
    [Fact]
    public void Nobody_starves_and_nothing_is_lost()
    {
        Arbitrary<int[]> plans = Gen.Choose(1, Limit).ArrayOf().ToArbitrary();
        Prop.ForAll(plans, plan =>
        {
            var budget = new MemoryBudget(Limit);
            MemoryShare[] shares = [.. Enumerable.Range(0, 4).Select(_ => Share())];
            var held = new Queue<(MemoryShare Share, int Bytes)>();
            var asked = new Dictionary<MemoryShare, int>();
            for (int i = 0; i < plan.Length; i++)
            {
                MemoryShare share = shares[i % shares.Length];
                while (asked.ContainsKey(share))
                {
                    Collect(budget, asked, held);
                    if (asked.ContainsKey(share) && held.TryDequeue(out (MemoryShare Share, int Bytes) done))
                    {
                        budget.Return(done.Share, done.Bytes);
                    }
                    else if (asked.ContainsKey(share))
                    {
                        return false; // nothing is held, and still it waits
                    }
                }

                if (budget.TryTake(share, plan[i]))
                {
                    held.Enqueue((share, plan[i]));
                }
                else
                {
                    asked[share] = plan[i];
                }

                if (budget.Used > Limit)
                {
                    return false;
                }
            }

            while (held.Count > 0 || asked.Count > 0)
            {
                Collect(budget, asked, held);
                if (!held.TryDequeue(out (MemoryShare Share, int Bytes) done))
                {
                    return false;
                }

                budget.Return(done.Share, done.Bytes);
            }

            return budget.Used == 0;
        }).Check(Seeds.Config(output, times: 300));
    }

    private static void Collect(MemoryBudget budget, Dictionary<MemoryShare, int> asked, Queue<(MemoryShare Share, int Bytes)> held)
    {
        foreach ((MemoryShare share, int bytes) in asked.ToArray())
        {
            if (budget.HasGot(share))
            {
                asked.Remove(share);
                held.Enqueue((share, bytes));
            }
        }
    }

    private static MemoryShare Share() => new(new AsyncSignal());
}
