using System.Text.Json;
using LibMultipath.Selection;
using Mpathd.Faults;
using Mpathd.Tests.Output;

namespace Mpathd.Tests.Processes;

[Collection(ProcessCollection.Name)]
public sealed class DemoTests
{
    [Theory]
    [InlineData(4)]
    [InlineData(1)]
    [InlineData(16)]
    public async Task A_file_survives_the_loss_of_its_paths(int paths)
    {
        string seed = SeedThatBegins(paths, FaultKind.RemoveAll, FaultKind.Replace, FaultKind.ChangePolicy);
        MpathdProcess.Ended ended = await MpathdProcess.Run("demo", "--seconds", "3", "--paths", $"{paths}", "--seed", seed, "--json");
        Assert.Equal((0, ""), (ended.Code, ended.Error));
        Assert.Equal(1, ended.Output.Count(each => each == '\n'));
        using var json = JsonDocument.Parse(ended.Output);
        JsonElement root = json.RootElement;
        Assert.Equal(ReportTests.Names, root.EnumerateObject().Select(each => each.Name));
        foreach (string none in new[] { "errors", "miscompares", "lost", "duplicated" })
        {
            Assert.Equal(0, root.GetProperty(none).GetInt64());
        }

        foreach (string some in new[] { "ios", "bytes", "failovers", "requeued", "total_losses", "paths_added", "paths_removed", "policy_changes", "iops", "max_us" })
        {
            Assert.True(root.GetProperty(some).GetDouble() > 0, some);
        }

        Assert.Equal(long.Parse(seed), root.GetProperty("seed").GetInt64());
    }

    [Theory]
    [InlineData(4)]
    [InlineData(1)]
    public async Task A_file_survives_the_death_of_the_servers_that_export_it(int paths)
    {
        string seed = SeedThatBegins(paths, FaultKind.RemoveAll, FaultKind.Replace);
        using var folder = new TemporaryFolder();
        MpathdProcess.Ended ended = await MpathdProcess.RunIn(folder.Path, "demo", "--driver", "nbd", "--seconds", "10", "--paths", $"{paths}", "--seed", seed, "--json");
        Assert.Equal((0, ""), (ended.Code, ended.Error));
        using var json = JsonDocument.Parse(ended.Output);
        JsonElement root = json.RootElement;
        Assert.Equal(ReportTests.Names, root.EnumerateObject().Select(each => each.Name));
        Assert.All(["errors", "miscompares", "lost", "duplicated"], none => Assert.Equal(0, root.GetProperty(none).GetInt64()));
        Assert.All(["ios", "failovers", "requeued", "total_losses", "paths_added", "paths_removed"], some => Assert.True(root.GetProperty(some).GetInt64() > 0, some));
        Assert.Empty(folder.Files);
    }

    [Theory]
    [InlineData("numa")]
    [InlineData("round-robin")]
    [InlineData("queue-depth")]
    public async Task A_policy_that_is_given_stays(string policy)
    {
        MpathdProcess.Ended ended = await MpathdProcess.Run("demo", "--seconds", "1", "--policy", policy, "--json");
        Assert.Equal((0, ""), (ended.Code, ended.Error));
        using var json = JsonDocument.Parse(ended.Output);
        Assert.Equal(0, json.RootElement.GetProperty("policy_changes").GetInt64());
    }

    [Fact]
    public async Task People_are_told_the_seed_the_progress_and_the_verdict()
    {
        MpathdProcess.Ended ended = await MpathdProcess.Run("demo", "--seconds", "5", "--seed", "77");
        Assert.Equal((0, ""), (ended.Code, ended.Error));
        Assert.Contains("seed 77", ended.Output);
        Assert.Contains("s of 5:", ended.Output);
        Assert.EndsWith("OK: every I/O ended once, every block is what was written last\n", ended.Output);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_used_is_told_with_the_remedy()
    {
        MpathdProcess.Ended ended = await MpathdProcess.RunIn("/proc", "demo", "--json");
        Assert.Equal(3, ended.Code);
        Assert.Contains("set TMPDIR", ended.Error);
        Assert.Empty(ended.Output);
    }

    [Fact]
    public async Task Nothing_is_left_behind()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(0, (await MpathdProcess.RunIn(folder.Path, "demo", "--seconds", "1", "--json")).Code);
        Assert.Empty(folder.Files);
    }

    // On a busy machine steps take seconds: the ones of which a test asks come first.
    private static string SeedThatBegins(int paths, params FaultKind[] kinds) =>
        $"{Enumerable.Range(1, 100_000).First(seed => Plan(seed, paths).Take(kinds.Length).SequenceEqual(kinds))}";

    private static IEnumerable<FaultKind> Plan(int seed, int paths) =>
        new FaultPlan((ulong)seed, paths, IoPolicies.Numa, changesPolicy: true).Steps().Select(step => step.Kind);
}
