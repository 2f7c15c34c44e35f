using System.CommandLine;
using LibMultipath.Nbd.Client;
using LibMultipath.Paths;
using LibMultipath.Selection;
using LoopDriver;
using Mpathd.Demo;
using Mpathd.Engine;
using Mpathd.Faults;
using Mpathd.Output;
using Mpathd.Paths;
using Mpathd.Runs;

namespace Mpathd.Commands;

/// <summary>
/// <c>mpathd demo</c>: a file, several paths to it, and everything that can happen to paths, under a workload that knows
/// what every block must hold.
/// </summary>
internal sealed class DemoCommand : Command, IHasExamples
{
    private const int MostPaths = 64;
    private const int MostExports = 16;
    private const int BlockSize = 4096;
    private const long FileSize = 32L << 20;

    // Far beyond any outage of the plan: the head must never go.
    private const uint RemovalDelaySecs = 60;

    // A server is killed again and again, and never for good.
    private static readonly FailureTimes s_times = new() { ReconnectDelay = TimeSpan.FromMilliseconds(20), Loss = Timeout.InfiniteTimeSpan };

    private readonly Option<int> _seconds = CliOptions.Seconds();
    private readonly Option<int> _paths = CliOptions.Number("--paths", 1, MostPaths, 4, "How many paths there are");
    private readonly Option<PathSelector?> _policy = CliOptions.Policy("unless it is given, it begins with numa and changes now and then");
    private readonly Option<int> _ioDepth = CliOptions.IoDepth();
    private readonly Option<uint?> _seed = CliOptions.Seed();
    private readonly Option<DemoDriver?> _driver = CliOptions.Optional<DemoDriver?>("--driver", "D", text => ParseDriver(text),
        $"What the paths are: loop (descriptors of the file, closed and opened) or nbd (at most {MostExports} processes that export it, killed and started); loop unless it is given");

    private readonly Option<bool> _json = CliOptions.Json();

    public DemoCommand(Interruption interruption)
        : base("demo", "Loses and restores the paths of a temporary file under load, and checks every block")
    {
        _driver.CompletionSources.Add("loop", "nbd");
        Add(_driver);
        Add(_seconds);
        Add(_paths);
        Add(_policy);
        Add(_ioDepth);
        Add(_seed);
        Add(_json);
        SetAction(parsed => (int)Run(parsed, interruption));
    }

    public IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("mpathd demo", "ten seconds with four paths, as a table that is drawn anew all the time"),
        ("mpathd demo --driver nbd", "with processes that export the file over NBD, killed and started again"),
        ("mpathd demo --seconds 60 --paths 16 --policy queue-depth", "a minute with sixteen paths and one policy"),
        ("mpathd demo --seconds 20 --seed 1 --json", "the same faults every time, for a script"),
    ];

    private ExitCode Run(ParseResult parsed, Interruption interruption)
    {
        int paths = parsed.GetValue(_paths);
        uint seed = parsed.GetValue(_seed) ?? CliOptions.AnySeed();
        PathSelector? given = parsed.GetValue(_policy);
        PathSelector policy = given ?? IoPolicies.Numa;

        DemoDriver driver = parsed.GetValue(_driver) ?? DemoDriver.Loop;
        if (driver == DemoDriver.Nbd && paths > MostExports)
        {
            throw MpathdException.WrongArguments(
                $"--paths {paths} with --driver nbd takes as many processes", $"give --paths 1 to {MostExports}, or --driver loop");
        }

        using TemporaryFile file = TemporaryFile.Create(FileSize);
        using ExportedPathMaker? exports = driver == DemoDriver.Nbd ? new ExportedPathMaker(file.PathForOthers) : null;
        IPathMaker maker = exports ?? (IPathMaker)new LoopPathMaker(new LoopOptions { File = file.Path, Workers = Math.Clamp(16 / paths, 1, 4) });
        var ioPolicy = new MpathIoPolicy(policy);
        var group = new PathGroup("demo", exports is null ? new LoopHeadTemplate(ioPolicy) : new NbdHeadTemplate(ioPolicy), RemovalDelaySecs, times: s_times);
        for (int i = 0; i < paths; i++)
        {
            if (exports is not null && interruption.IsRequested)
            {
                group.Dispose();
                return ExitCode.Interrupted;
            }

            group.Add(maker);
        }

        var engine = new WorkloadEngine(group.Disk, new WorkloadOptions
        {
            Pattern = AccessPattern.RandRw,
            BlockSize = BlockSize,
            Blocks = FileSize / BlockSize,
            Depth = parsed.GetValue(_ioDepth),
            Seed = seed,
            MaxBlocksPerIo = 8,
            FlushOnceIn = 2048,
            FuaOnceIn = 2048,
            Verify = true,
            Zeroed = true,
        });
        using var faults = new FaultInjector(group, maker, new FaultPlan(seed, paths, policy, changesPolicy: given is null));
        var options = new RunOptions { Duration = TimeSpan.FromSeconds(parsed.GetValue(_seconds)), Seed = seed, ReadsBack = true };

        var reporter = new RunReporter(parsed.GetValue(_json), verifies: true);
        reporter.Announce($"{paths} {(exports is null ? "" : "NBD ")}paths to a file of {SizeText.Format(FileSize)}, seed {seed}; Ctrl-C ends it cleanly");
        return reporter.Execute(new MultipathRun(group, engine, faults, options, interruption), interruption);
    }

    private static DemoDriver ParseDriver(string text) => text switch
    {
        "loop" => DemoDriver.Loop,
        "nbd" => DemoDriver.Nbd,
        _ => throw new FormatException($"there is no driver '{text}'; give loop or nbd"),
    };
}
