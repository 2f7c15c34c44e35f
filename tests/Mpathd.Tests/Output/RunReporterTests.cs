using Mpathd.Engine;
using Mpathd.Output;
using Mpathd.Runs;
using Mpathd.Tests.Kit;

namespace Mpathd.Tests.Output;

public sealed class RunReporterTests
{
    [Fact]
    public async Task Who_ends_the_process_waits_until_a_report_that_was_begun_is_there()
    {
        using var output = new SlowOutput();
        var reporter = new RunReporter(json: true, verifies: false, output) { Patience = Eventually.Limit };
        Interruption interruption = Interruption.Deaf();
        MultipathRun run = RunOf(interruption);
        interruption.Request();
        Task<ExitCode> report = Task.Run(() => reporter.Execute(run, interruption));
        Assert.True(output.Begun.Wait(Eventually.Limit));
        Task<ExitCode> lastWords = Task.Run(() => reporter.LastWords(run));
        output.GoOn.Set();
        Assert.Equal(ExitCode.Interrupted, await lastWords.WaitAsync(Eventually.Limit));
        Assert.Single(output.Lines);
        Assert.Equal(ExitCode.Interrupted, await report.WaitAsync(Eventually.Limit));
        Assert.Single(output.Lines);
    }

    [Fact]
    public async Task Who_ends_the_process_does_not_wait_for_a_reader_that_does_not_read()
    {
        using var output = new SlowOutput();
        var reporter = new RunReporter(json: true, verifies: false, output) { Patience = TimeSpan.FromMilliseconds(20) };
        Interruption interruption = Interruption.Deaf();
        MultipathRun run = RunOf(interruption);
        interruption.Request();
        Task<ExitCode> report = Task.Run(() => reporter.Execute(run, interruption));
        Assert.True(output.Begun.Wait(Eventually.Limit));
        Assert.Equal(ExitCode.Interrupted, await Task.Run(() => reporter.LastWords(run)).WaitAsync(Eventually.Limit));
        Assert.Empty(output.Lines);
        output.GoOn.Set();
        await report.WaitAsync(Eventually.Limit);
    }

    private static MultipathRun RunOf(Interruption interruption)
    {
        var group = Group.Of(new MemoryPaths(1 << 20), 1);
        var engine = new WorkloadEngine(group.Disk, new WorkloadOptions
        {
            Pattern = AccessPattern.Read,
            BlockSize = 512,
            Blocks = 16,
            Depth = 1,
            Seed = 1,
        });
        return new MultipathRun(group, engine, faults: null, new RunOptions { Duration = TimeSpan.FromSeconds(60), Seed = 1, ReadsBack = false }, interruption);
    }

    /// <summary>Takes a line when it is told to.</summary>
    private sealed class SlowOutput : StringWriter
    {
        public ManualResetEventSlim Begun { get; } = new();

        public ManualResetEventSlim GoOn { get; } = new();

        public string[] Lines => ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);

        public override void WriteLine(string? value)
        {
            Begun.Set();
            GoOn.Wait(Eventually.Limit);
            base.WriteLine(value);
        }
    }
}
