using LibMultipath.Block;
using LibMultipath.Selection;
using LoopDriver;
using Mpathd.Engine;
using Mpathd.Faults;
using Mpathd.Paths;
using Mpathd.Runs;
using Mpathd.Tests.Kit;
using Mpathd.Tests.Processes;

namespace Mpathd.Tests.Runs;

public sealed class MultipathRunTests
{
    private const int Size = 1 << 20;
    private const int BlockSize = 512;

    private readonly Interruption _interruption = Interruption.Deaf();

    [Theory]
    [InlineData("numa", 4)]
    [InlineData("round-robin", 3)]
    [InlineData("queue-depth", 2)]
    [InlineData("numa", 1)]
    public async Task Paths_come_and_go_and_nothing_is_lost(string policy, int paths)
    {
        var maker = new MemoryPaths(Size);
        PathGroup group = Group.Of(maker, paths, IoPolicies.Parse(policy));
        using var faults = new FaultInjector(group, maker, new FaultPlan(1, paths, group.Head.Policy.Selector, changesPolicy: true));
        MultipathRun run = Make(group, faults, seconds: 60);
        Task done = Execute(run);
        await Eventually.TrueAsync(
            () => run.Report() is { TotalLosses: > 3, PathsAdded: > 3, PathsRemoved: > 3, PolicyChanges: > 1, Failovers: > 20, Requeued: > 0 },
            "every kind of fault");
        _interruption.Request();
        await done;

        RunReport report = run.Report();
        Assert.True(report.IsClean, string.Join("; ", report.Details));
        Assert.Equal(ExitCode.Interrupted, report.ExitCode);
        Assert.Equal(0, report.Unfinished);
    }

    [Fact]
    public async Task A_run_that_ends_by_itself_reads_everything_back()
    {
        MultipathRun run = Make(Group.Of(new MemoryPaths(Size), 2), faults: null, seconds: 1);
        await Execute(run);
        RunReport report = run.Report();
        Assert.Equal(ExitCode.Done, report.ExitCode);
        Assert.Equal(Size, report.ReadBackTotal);
        Assert.Equal(Size, report.ReadBack);
        Assert.True(report.P50Microseconds <= report.P99Microseconds && report.P99Microseconds <= report.MaxMicroseconds);
        Assert.InRange(report.Iops, 1, report.Ios);
    }

    [Fact]
    public async Task Data_that_differs_makes_the_run_fail()
    {
        long count = 0;
        var maker = new MemoryPaths(Size) { Fault = bio => bio.Op == BioOp.Read && Interlocked.Increment(ref count) == 100 ? DiskFault.Corrupt : DiskFault.None };
        MultipathRun run = Make(Group.Of(maker, 2), faults: null, seconds: 1);
        await Execute(run);
        Assert.Equal(1, run.Report().Miscompares);
        Assert.Equal(ExitCode.Failed, run.Report().ExitCode);
    }

    [Fact]
    public async Task An_io_that_never_ends_makes_the_run_fail()
    {
        long count = 0;
        var maker = new MemoryPaths(Size) { Fault = _ => Interlocked.Increment(ref count) == 100 ? DiskFault.Lose : DiskFault.None };
        MultipathRun run = Make(Group.Of(maker, 2), faults: null, seconds: 1, drainLimit: TimeSpan.FromSeconds(2));
        await Execute(run);
        Assert.Equal(1, run.Report().Lost);
        Assert.Equal(ExitCode.Failed, run.Report().ExitCode);
    }

    [Fact]
    public async Task What_went_wrong_is_not_forgotten_because_the_run_was_interrupted()
    {
        long count = 0;
        var maker = new MemoryPaths(Size) { Fault = _ => Interlocked.Increment(ref count) == 100 ? DiskFault.Error : DiskFault.None };
        MultipathRun run = Make(Group.Of(maker, 1), faults: null, seconds: 60);
        Task done = Execute(run);
        await Eventually.TrueAsync(() => run.Report().Errors > 0, "an error");
        _interruption.Request();
        await done;
        Assert.Equal(ExitCode.Failed, run.Report().ExitCode);
    }

    [Fact]
    public async Task An_interrupted_run_does_not_wait_for_what_does_not_end()
    {
        long count = 0;
        var maker = new MemoryPaths(Size) { Fault = _ => Interlocked.Increment(ref count) == 100 ? DiskFault.Lose : DiskFault.None };
        MultipathRun run = Make(Group.Of(maker, 1), faults: null, seconds: 60, interruptedDrainLimit: TimeSpan.FromSeconds(5));
        Task done = Execute(run);
        await Eventually.TrueAsync(() => Volatile.Read(ref count) > 200, "an I/O that does not end");
        _interruption.Request();
        await done;

        // It had no time to end, so nobody can say that it is lost.
        Assert.Equal(1, run.Report().Unfinished);
        Assert.Equal(0, run.Report().Lost);
        Assert.Equal(ExitCode.Interrupted, run.Report().ExitCode);
    }

    [Fact]
    public async Task A_path_that_cannot_come_back_ends_the_run_and_says_why()
    {
        using var folder = new TemporaryFolder();
        var maker = new LoopPathMaker(new LoopOptions { File = folder.File("disk.img", Size) });
        using PathGroup group = Group.Of(maker, 2);
        using var faults = new FaultInjector(group, maker, new FaultPlan(1, 2, IoPolicies.Numa, changesPolicy: false));
        MultipathRun run = Make(group, faults, seconds: 600);
        Task done = Execute(run);
        await Eventually.TrueAsync(() => run.Report().Ios > 0, "I/O");
        File.Delete(folder.File("disk.img"));
        MpathdException thrown = await Assert.ThrowsAsync<MpathdException>(() => done).WaitAsync(Eventually.Limit);
        Assert.Equal(ExitCode.SystemLacks, thrown.Code);
        Assert.Contains("disk.img cannot be opened: it does not exist", thrown.Message);
        Assert.Equal("name a file that exists", thrown.Remedy);
    }

    [Fact]
    public async Task A_read_back_can_be_interrupted()
    {
        // The disk stands still in the read-back, which ends all the same. Not disposed: the disk's thread may still wait.
        var gate = new ManualResetEventSlim();
        MultipathRun? run = null;
        var maker = new MemoryPaths(Size)
        {
            Fault = _ =>
            {
                if (run?.Snapshot().Phase == RunPhase.ReadingBack)
                {
                    gate.Wait(Eventually.Limit);
                }

                return DiskFault.None;
            },
        };
        run = Make(Group.Of(maker, 1), faults: null, seconds: 1, interruptedDrainLimit: TimeSpan.FromSeconds(1), depth: 1);
        Task done = Execute(run);
        await Eventually.TrueAsync(() => run.Snapshot().Phase == RunPhase.ReadingBack, "the read-back");
        _interruption.Request();
        await done;
        RunReport report = run.Report();
        gate.Set();
        Assert.Equal(ExitCode.Interrupted, report.ExitCode);
        Assert.True(report.Unfinished > 0);
        Assert.True(report.ReadBack < report.ReadBackTotal);
    }

    [Fact]
    public async Task A_run_that_is_interrupted_before_it_begins_ends_at_once()
    {
        _interruption.Request();
        MultipathRun run = Make(Group.Of(new MemoryPaths(Size), 2), faults: null, seconds: 600);
        await Execute(run);
        Assert.Equal(ExitCode.Interrupted, run.Report().ExitCode);
    }

    private static Task Execute(MultipathRun run) =>
        Task.Factory.StartNew(run.Execute, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private MultipathRun Make(PathGroup group, FaultInjector? faults, int seconds, TimeSpan? drainLimit = null, TimeSpan? interruptedDrainLimit = null, int depth = 32)
    {
        var engine = new WorkloadEngine(group.Disk, new WorkloadOptions
        {
            Pattern = AccessPattern.RandRw,
            BlockSize = BlockSize,
            Blocks = Size / BlockSize,
            Depth = depth,
            Seed = 1,
            MaxBlocksPerIo = 4,
            FlushOnceIn = 100,
            FuaOnceIn = 100,
            Verify = true,
            Zeroed = true,
        });
        var options = new RunOptions
        {
            Duration = TimeSpan.FromSeconds(seconds),
            Seed = 1,
            ReadsBack = true,
            DrainLimit = drainLimit ?? TimeSpan.FromSeconds(30),
            InterruptedDrainLimit = interruptedDrainLimit ?? TimeSpan.FromSeconds(30),
        };
        return new MultipathRun(group, engine, faults, options, _interruption);
    }
}
