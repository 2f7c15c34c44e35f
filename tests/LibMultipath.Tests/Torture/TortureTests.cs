using System.Globalization;
using LibMultipath.Selection;
using LibMultipath.Tests.Kit;
using Xunit.Abstractions;

namespace LibMultipath.Tests.Torture;

/// <summary>
/// The bio path under everything that can happen to it at once. LIBMULTIPATH_SEED repeats a plan (threads keep
/// their own time), LIBMULTIPATH_TORTURE_IOS sets how long the long run is, LIBMULTIPATH_TORTURE_SEEDS how many short
/// runs there are of each policy.
/// </summary>
[Collection(TortureGroup.Name)]
public sealed class TortureTests(ITestOutputHelper output)
{
    private const int ShortRun = 200_000;

    public static TheoryData<string, int> PoliciesAndSeeds()
    {
        var data = new TheoryData<string, int>();
        string[] linux = ["numa", "round-robin", "queue-depth"];
        foreach (string policy in IoPolicies.All.Select(selector => selector.Name))
        {
            for (int seed = 1; seed <= Setting("LIBMULTIPATH_TORTURE_SEEDS", linux.Contains(policy) ? 2 : 1); seed++)
            {
                data.Add(policy, seed);
            }
        }

        return data;
    }

    [Fact]
    public Task Ten_million_ios_survive_failures_removals_and_total_losses() => TortureRun.RunAsync(
        new TortureOptions { Seed = Seeds.Next(output), Ios = Setting("LIBMULTIPATH_TORTURE_IOS", 10_000_000) },
        output);

    [Theory]
    [MemberData(nameof(PoliciesAndSeeds))]
    public Task Every_policy_survives_every_seed(string policy, int seed) =>
        TortureRun.RunAsync(TortureOptions.Small(seed, ShortRun, IoPolicies.Parse(policy)), output);

    [Fact]
    public Task Selectors_come_and_go_under_load_and_none_is_called_after_it_was_taken_off() => TortureRun.RunAsync(
        TortureOptions.Small(Seeds.Next(output), Setting("LIBMULTIPATH_TORTURE_IOS", 400_000)) with { Selectors = true },
        output);

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public Task Every_activity_ends_once_and_none_is_left_on_a_thread(int seed) => TortureRun.RunAsync(
        TortureOptions.Small(seed, Setting("LIBMULTIPATH_TORTURE_IOS", 50_000)) with { Activities = true },
        output);

    private static int Setting(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value
            ? int.Parse(value, NumberStyles.None, CultureInfo.InvariantCulture)
            : otherwise;
}
