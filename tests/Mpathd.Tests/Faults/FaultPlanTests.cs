using LibMultipath.Selection;
using Mpathd.Faults;

namespace Mpathd.Tests.Faults;

public sealed class FaultPlanTests
{
    [Fact]
    public void The_same_seed_makes_the_same_plan()
    {
        Assert.Equal(Steps(seed: 5, paths: 4), Steps(seed: 5, paths: 4));
        Assert.NotEqual(Steps(seed: 5, paths: 4), Steps(seed: 6, paths: 4));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(64)]
    public void A_plan_has_every_kind_of_fault(int paths)
    {
        FaultKind[] kinds = [.. Steps(seed: 1, paths).Select(step => step.Kind).Distinct().Order()];
        Assert.Equal(Enum.GetValues<FaultKind>().Order(), kinds);
    }

    [Fact]
    public void With_one_path_there_is_everything_that_does_not_take_the_last_one_for_good()
    {
        FaultKind[] kinds = [.. Steps(seed: 1, paths: 1).Select(step => step.Kind).Distinct().Order()];
        Assert.Equal(
            [FaultKind.MakeOptimized, FaultKind.MakeNonOptimized, FaultKind.Replace, FaultKind.LoseAll, FaultKind.RemoveAll, FaultKind.ChangePolicy], kinds);
    }

    [Fact]
    public void A_policy_that_was_given_is_left_alone() =>
        Assert.DoesNotContain(new FaultPlan(1, 4, IoPolicies.QueueDepth, changesPolicy: false).Steps().Take(1000), step => step.Kind == FaultKind.ChangePolicy);

    [Fact]
    public void Every_change_of_the_policy_is_a_change()
    {
        var policy = IoPolicies.Numa;
        foreach (FaultStep step in Steps(seed: 3, paths: 4).Where(step => step.Kind == FaultKind.ChangePolicy))
        {
            Assert.NotEqual(policy, step.Policy);
            policy = step.Policy;
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void After_every_step_a_path_is_usable_and_every_step_makes_sense(int paths)
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            bool[] failed = new bool[paths];
            bool[] inaccessible = new bool[paths];
            foreach (FaultStep step in Steps(seed, paths))
            {
                int place = step.Place;
                switch (step.Kind)
                {
                    case FaultKind.Fail:
                        Assert.False(failed[place]);
                        failed[place] = true;
                        break;
                    case FaultKind.Restore:
                        Assert.True(failed[place]);
                        failed[place] = false;
                        break;
                    case FaultKind.MakeInaccessible:
                        inaccessible[place] = true;
                        break;
                    case FaultKind.MakeOptimized:
                        inaccessible[place] = false;
                        break;
                    case FaultKind.Replace:
                        failed[place] = inaccessible[place] = false;
                        break;
                    case FaultKind.LoseAll or FaultKind.RemoveAll:
                        Array.Clear(failed);
                        Array.Clear(inaccessible);
                        break;
                }

                Assert.Contains(Enumerable.Range(0, paths), i => !failed[i] && !inaccessible[i]);
            }
        }
    }

    private static FaultStep[] Steps(ulong seed, int paths) =>
        [.. new FaultPlan(seed, paths, IoPolicies.Numa, changesPolicy: true).Steps().Take(500)];
}
