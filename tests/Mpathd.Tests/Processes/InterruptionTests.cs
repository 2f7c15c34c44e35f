using System.Diagnostics;
using System.Text.Json;
using Mpathd.Tests.Output;

namespace Mpathd.Tests.Processes;

[Collection(ProcessCollection.Name)]
public sealed class InterruptionTests
{
    // Two seconds are promised; a machine that has other things to do may take longer.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(MpathdProcess.Interrupt, 0)]
    [InlineData(MpathdProcess.Interrupt, 77)]
    [InlineData(MpathdProcess.Interrupt, 400)]
    [InlineData(MpathdProcess.Interrupt, 1500)]
    [InlineData(MpathdProcess.Terminate, 300)]
    [InlineData(MpathdProcess.HangUp, 300)]
    public async Task The_demo_ends_cleanly_at_any_moment(int signal, int milliseconds)
    {
        using var folder = new TemporaryFolder();
        using MpathdProcess process = MpathdProcess.StartIn(folder.Path, "demo", "--seconds", "600", "--seed", "9", "--json");
        await Eventually.TrueAsync(process.IsWorking, "the workload");
        await Task.Delay(milliseconds);
        AssertInterruptedWithJson(await EndAsync(process, signal));
        Assert.Empty(folder.Files);
    }

    [Theory]
    [InlineData(MpathdProcess.Interrupt, 0)]
    [InlineData(MpathdProcess.Interrupt, 700)]
    [InlineData(MpathdProcess.Terminate, 1500)]
    public async Task So_does_the_demo_with_servers_of_its_own_and_leaves_none(int signal, int milliseconds)
    {
        using var folder = new TemporaryFolder();
        using MpathdProcess process = MpathdProcess.StartIn(folder.Path, "demo", "--driver", "nbd", "--seconds", "600", "--seed", "9", "--json");
        await Eventually.TrueAsync(process.IsWorking, "the workload");
        await Eventually.TrueAsync(() => ExportsIn(folder).Length > 0, "servers");
        await Task.Delay(milliseconds);
        AssertInterruptedWithJson(await EndAsync(process, signal));
        Assert.Empty(folder.Files);
        Assert.Empty(ExportsIn(folder));
    }

    [Theory]
    [InlineData(MpathdProcess.Interrupt, false)]
    [InlineData(MpathdProcess.Interrupt, true)]
    [InlineData(MpathdProcess.Terminate, true)]
    public async Task A_second_signal_leaves_no_servers_either(int second, bool whileItEnds)
    {
        using var folder = new TemporaryFolder();
        using MpathdProcess process = MpathdProcess.StartIn(folder.Path, "demo", "--driver", "nbd", "--seconds", "600", "--seed", "9", "--json");
        await Eventually.TrueAsync(process.IsWorking, "the workload");
        process.Signal(MpathdProcess.Interrupt);
        if (whileItEnds)
        {
            await Eventually.TrueAsync(() => ExportsIn(folder).Length == 0 || process.HasExited, "the servers to be killed");
        }

        process.Signal(second);
        MpathdProcess.Ended ended = await process.WaitAsync();
        Assert.Equal((130, ""), (ended.Code, ended.Error));
        Assert.Empty(folder.Files);
        Assert.Empty(ExportsIn(folder));
    }

    [Fact]
    public async Task The_servers_of_a_demo_that_is_killed_end_with_it()
    {
        using var folder = new TemporaryFolder();
        using MpathdProcess process = MpathdProcess.StartIn(folder.Path, "demo", "--driver", "nbd", "--seconds", "600");
        await Eventually.TrueAsync(process.IsWorking, "the workload");
        process.Signal(MpathdProcess.KillNow);
        await process.WaitAsync();
        await Eventually.TrueAsync(() => ExportsIn(folder).Length == 0, "the servers to end");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(120)]
    [InlineData(200)]
    public async Task Not_even_the_start_is_a_bad_moment(int milliseconds)
    {
        using var folder = new TemporaryFolder();
        using MpathdProcess process = MpathdProcess.StartIn(folder.Path, "demo", "--seconds", "600", "--json");
        await Task.Delay(milliseconds);
        MpathdProcess.Ended ended = await EndAsync(process, MpathdProcess.Interrupt);
        Assert.Equal((130, ""), (ended.Code, ended.Error));
        Assert.Empty(folder.Files);

        // Before the program's first line the runtime alone is there, and ends without a word.
        if (ended.Output.Length > 0)
        {
            AssertInterruptedWithJson(ended);
        }
    }

    [Fact]
    public async Task Slow_ios_are_not_waited_for()
    {
        using MpathdProcess process = MpathdProcess.Start("io", "--path", "null:size=1G,latency=10s", "--rw", "randrw", "--seconds", "600", "--json");
        await Eventually.TrueAsync(process.IsWorking, "the workload");
        await Task.Delay(500);
        MpathdProcess.Ended ended = await EndAsync(process, MpathdProcess.Interrupt);
        AssertInterruptedWithJson(ended);
        using var json = JsonDocument.Parse(ended.Output);
        Assert.InRange(json.RootElement.GetProperty("unfinished").GetInt64(), 1, 32);
    }

    [Fact]
    public async Task People_are_told_that_nothing_went_wrong_up_to_there()
    {
        using MpathdProcess process = MpathdProcess.Start("demo", "--seconds", "600");
        await Eventually.TrueAsync(process.IsWorking, "the workload");
        await Task.Delay(1000);
        MpathdProcess.Ended ended = await EndAsync(process, MpathdProcess.Interrupt);
        Assert.Equal((130, ""), (ended.Code, ended.Error));
        Assert.EndsWith("INTERRUPTED: up to there, nothing went wrong\n", ended.Output);
    }

    [Fact]
    public async Task What_was_written_before_is_still_as_it_was_written()
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("disk.img", 1 << 20);
        using MpathdProcess process = MpathdProcess.Start("io", "--path", $"loop:{file}", "--rw", "randrw", "--verify", "--seconds", "600", "--json");
        await Eventually.TrueAsync(process.IsWorking, "the workload");
        await Task.Delay(500);
        AssertInterruptedWithJson(await EndAsync(process, MpathdProcess.Interrupt));
        Assert.Equal(1 << 20, new FileInfo(file).Length);
    }

    // Their sockets are in the folder, and so is its name on their command lines.
    private static string[] ExportsIn(TemporaryFolder folder) =>
        [.. Directory.EnumerateDirectories("/proc").Where(process => CommandOf(process) is var line && line.Contains("export", StringComparison.Ordinal) && line.Contains(folder.Path, StringComparison.Ordinal))];

    private static string CommandOf(string process)
    {
        try
        {
            return File.ReadAllText($"{process}/cmdline");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It is none, or is no more.
            return "";
        }
    }

    private static async Task<MpathdProcess.Ended> EndAsync(MpathdProcess process, int signal)
    {
        Assert.False(process.HasExited);
        long start = Stopwatch.GetTimestamp();
        process.Signal(signal);
        MpathdProcess.Ended ended = await process.WaitAsync();
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, s_limit);
        return ended;
    }

    private static void AssertInterruptedWithJson(MpathdProcess.Ended ended)
    {
        Assert.Equal((130, ""), (ended.Code, ended.Error));
        using var json = JsonDocument.Parse(ended.Output);
        Assert.Equal(ReportTests.Names, json.RootElement.EnumerateObject().Select(each => each.Name));
        foreach (string none in new[] { "errors", "miscompares", "lost", "duplicated" })
        {
            Assert.Equal(0, json.RootElement.GetProperty(none).GetInt64());
        }
    }
}
