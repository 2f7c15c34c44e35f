using System.CommandLine;
using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Selection;
using Mpathd.Engine;
using Mpathd.Output;
using Mpathd.Paths;
using Mpathd.Runs;

namespace Mpathd.Commands;

/// <summary><c>mpathd io</c>: a workload on paths of the user's own.</summary>
internal sealed class IoCommand : Command, IHasExamples
{
    private const long UsualBlockSize = 4096;

    private readonly Option<PathSpec[]> _paths = CliOptions.Several("--path", "SPEC", PathSpecParser.Parse,
        $"A path, once for each: {PathSpecs.Forms}");

    private readonly Option<AccessPattern> _pattern = CliOptions.Needed("--rw", "PATTERN", ParsePattern,
        "What is done: read, write, randread, randwrite or randrw (half and half). Writing overwrites what the file or device holds");

    private readonly Option<long?> _blockSize = CliOptions.Optional<long?>("--bs", "SIZE", text => ParseBlockSize(text),
        $"The size of an I/O: a multiple of the logical block, 512 to {SizeText.Format(IoArguments.MostBlockSize)}; 4k unless it is given");

    private readonly Option<int> _ioDepth = CliOptions.IoDepth();
    private readonly Option<int> _seconds = CliOptions.Seconds();

    private readonly Option<long?> _size = CliOptions.Optional<long?>("--size", "SIZE", text => SizeText.Parse(text),
        "How much of the disk is used, from its start: a multiple of --bs; all of it unless it is given");

    private readonly Option<long?> _create = CliOptions.Optional<long?>("--create", "SIZE", text => ParseCreate(text),
        "Make the file of a loop path if there is none, and grow it if it is smaller");

    private readonly Option<uint?> _seed = CliOptions.Seed();
    private readonly Option<bool> _verify = new("--verify") { Description = "Check every block that this run has written, and read all of them back at the end" };
    private readonly Option<PathSelector?> _policy = CliOptions.Policy("numa unless it is given");
    private readonly Option<bool> _json = CliOptions.Json();

    public IoCommand(Interruption interruption)
        : base("io", "Runs a workload on paths of your own, and measures or checks it")
    {
        Add(_paths);
        Add(_pattern);
        Add(_blockSize);
        Add(_ioDepth);
        Add(_seconds);
        Add(_size);
        Add(_create);
        Add(_seed);
        Add(_verify);
        Add(_policy);
        Add(_json);
        SetAction(parsed => (int)Run(ArgumentsOf(parsed), parsed.GetValue(_json), interruption));
    }

    public IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("mpathd io --path loop:disk.img --path loop:disk.img --rw randread --iodepth 64", "reads a file over two paths"),
        ("mpathd io --path loop:new.img --create 1G --rw randrw --verify", "makes a file, writes and reads it, and checks every block"),
        ("mpathd io --path loop:disk.img,direct --rw write --bs 128k --size 256M", "overwrites the first 256 MiB, past the page cache"),
        ("mpathd io --path bdev:/dev/sda --path bdev:/dev/sdb --rw randrw --verify --size 1G", "overwrites and checks a disk that has two names"),
        ("mpathd io --path null:size=1G,latency=100us,node=0 --path null:size=1G,node=1 --rw randread --json", "measures the library alone"),
    ];

    private static ExitCode Run(IoArguments arguments, bool json, Interruption interruption)
    {
        arguments.Check();
        PathSpecs.Prepare(arguments.Paths, arguments.Create, "have it made with --create SIZE, such as --create 1G");

        var policy = new MpathIoPolicy(arguments.Policy);
        var group = new PathGroup("io", PathSpecs.TemplateOf(arguments.Paths[0], policy), delayedRemovalSecs: 0);
        try
        {
            foreach (PathSpec path in arguments.Paths)
            {
                group.Add(PathSpecs.MakerOf(path, new PathMakerOptions { ReadOnly = arguments.ReadsOnly, Cancellation = interruption.Token }));
            }
        }
        catch (OperationCanceledException) when (interruption.IsRequested)
        {
            return ExitCode.Interrupted;
        }

        var engine = new WorkloadEngine(group.Disk, new WorkloadOptions
        {
            Pattern = arguments.Pattern,
            BlockSize = arguments.BlockSize,
            Blocks = arguments.BlocksOf(group.Disk),
            Depth = arguments.IoDepth,
            Seed = arguments.Seed,
            Verify = arguments.Verify,
        });
        var options = new RunOptions
        {
            Duration = TimeSpan.FromSeconds(arguments.Seconds),
            Seed = arguments.Seed,
            ReadsBack = arguments.Verify,
        };
        return new RunReporter(json, arguments.Verify)
            .Execute(new MultipathRun(group, engine, faults: null, options, interruption), interruption);
    }

    private static AccessPattern ParsePattern(string text) => text switch
    {
        "read" => AccessPattern.Read,
        "write" => AccessPattern.Write,
        "randread" => AccessPattern.RandRead,
        "randwrite" => AccessPattern.RandWrite,
        "randrw" => AccessPattern.RandRw,
        _ => throw new FormatException($"there is no pattern '{text}'; give read, write, randread, randwrite or randrw"),
    };

    private static long ParseBlockSize(string text)
    {
        long size = SizeText.Parse(text);
        return size is >= QueueLimits.SectorSize and <= IoArguments.MostBlockSize && size % QueueLimits.SectorSize == 0
            ? size
            : throw new FormatException(
                $"'{text}' is out of range; give 512 to {SizeText.Format(IoArguments.MostBlockSize)}, a multiple of 512, such as 4k");
    }

    private static long ParseCreate(string text)
    {
        long size = SizeText.Parse(text);
        return size is >= 4096 and <= NullPathSpec.MaxSize && size % 4096 == 0
            ? size
            : throw new FormatException($"'{text}' is out of range; give 4K to {SizeText.Format(NullPathSpec.MaxSize)}, a multiple of 4K, such as 1G");
    }

    private IoArguments ArgumentsOf(ParseResult parsed) => new()
    {
        Paths = parsed.GetRequiredValue(_paths),
        Pattern = parsed.GetRequiredValue(_pattern),
        BlockSize = (int)(parsed.GetValue(_blockSize) ?? UsualBlockSize),
        IoDepth = parsed.GetValue(_ioDepth),
        Seconds = parsed.GetValue(_seconds),
        Size = parsed.GetValue(_size),
        Create = parsed.GetValue(_create),
        Seed = parsed.GetValue(_seed) ?? CliOptions.AnySeed(),
        Verify = parsed.GetValue(_verify),
        Policy = parsed.GetValue(_policy) ?? IoPolicies.Numa,
    };
}
