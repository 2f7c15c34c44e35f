using System.CommandLine;
using LibMultipath.Paths;
using LibMultipath.Selection;
using Mpathd.Control;
using Mpathd.Paths;
using Mpathd.Runs;
using Mpathd.Selectors;
using Mpathd.Serving;
using Mpathd.Ublk;

namespace Mpathd.Commands;

/// <summary><c>mpathd serve</c>: a block device of the machine over paths of the user's own.</summary>
internal sealed class ServeCommand : Command, IHasExamples
{
    /// <summary>The kernel has numbers below this (UBLK_MINORS).</summary>
    public const int MostDevices = 1 << 20;

    private const int MostQueues = 4096; // UBLK_MAX_NR_QUEUES
    private const int MostDepth = 4096; // UBLK_MAX_QUEUE_DEPTH
    private const int MostRemovalSecs = 4_294_967;

    private readonly Option<PathSpec[]> _paths = CliOptions.Several("--path", "SPEC", PathSpecParser.Parse,
        $"A path, once for each: {PathSpecs.Forms}");

    // Read when what it may name is loaded.
    private readonly Option<string?> _policy = new("--policy")
    {
        HelpName = "P",
        Description = $"How paths are selected: {CliOptions.PolicyNames}, or one of --selector-assembly; numa unless it is given",
    };

    private readonly Option<string[]> _assemblies = CliOptions.AnyNumber("--selector-assembly", "FILE", CliOptions.ParseFile,
        "An assembly with selectors of your own, once for each: policies can name them. They run as the daemon does");

    private readonly Option<int?> _ublk = CliOptions.WithOrWithout("--ublk", "ID", ParseDevice,
        "Which block device: ID makes it /dev/ublkbID, or takes it over if it waits for a new daemon; the next free one unless it is given");

    private readonly Option<int> _queues = CliOptions.Number("--queues", 1, MostQueues, 1, "Queues, each with a thread; the kernel has no more than processors");
    private readonly Option<int> _depth = CliOptions.Number("--depth", 1, MostDepth, 128, "Requests in flight, for each queue");
    private readonly Option<bool> _readOnly = new("--read-only") { Description = "Refuse writes" };

    private readonly Option<DiskRecovery?> _recovery = CliOptions.WithOrWithout("--recoverable", "reissue|queue|fail-io", ParseRecovery,
        "Keep the device when the daemon dies, for another one to take over with --ublk ID. I/O under way is done again (reissue, unless another is given) or fails (queue); with fail-io, what comes meanwhile fails as well");

    private readonly Option<bool> _userCopy = new("--user-copy") { Description = "The daemon copies data, not the kernel" };
    private readonly Option<bool> _zeroCopy = new("--zero-copy") { Description = "Data is not copied, where paths can do without" };
    private readonly Option<bool> _batch = new("--batch") { Description = "Requests are fetched and ended many at a time" };

    private readonly Option<int> _removal = CliOptions.Number("--delayed-removal", 0, MostRemovalSecs, 0,
        "How many seconds the disk stays, and its I/O waits, when its last path has been removed");

    private readonly Option<string?> _control = CliOptions.Control();

    public ServeCommand(Interruption interruption)
        : base("serve", "Makes a block device over paths of your own, and serves it until it is stopped")
    {
        _paths.CompletionSources.Add("loop:", "bdev:/dev/", "null:size=1G");
        _policy.CompletionSources.Add([.. IoPolicies.All.Select(policy => policy.Name)]);
        _recovery.CompletionSources.Add("reissue", "queue", "fail-io");
        Add(_paths);
        Add(_policy);
        Add(_assemblies);
        Add(_ublk);
        Add(_queues);
        Add(_depth);
        Add(_readOnly);
        Add(_recovery);
        Add(_userCopy);
        Add(_zeroCopy);
        Add(_batch);
        Add(_removal);
        Add(_control);
        SetAction(parsed => (int)Run(parsed, parsed.GetValue(_control) ?? ControlPaths.Default, interruption));
    }

    public IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("mpathd serve --path loop:disk.img --path loop:disk.img", "a file over two paths, as the next free /dev/ublkbN"),
        ("mpathd serve --path loop:disk.img --ublk 7 --recoverable", "as /dev/ublkb7; typed again after a crash, it goes on where it was"),
        ("mpathd serve --path bdev:/dev/sda --path bdev:/dev/sdb,state=non-optimized --policy round-robin", "a disk that the machine reaches through two of its hosts, as /dev/sda and /dev/sdb"),
        ("mpathd serve --path null:size=1G --path null:size=1G --policy round-robin --queues 2", "measures the way to the paths and back"),
        ("mpathd serve --path loop:disk.img --path loop:disk.img --selector-assembly MySelectors.dll --policy my-selector", "with a path selector of your own"),
        ("mpathd serve --path loop:disk.img --control /run/mpathd/disk.sock", "with a control socket of its own, for a second daemon"),
    ];

    private ExitCode Run(ParseResult parsed, string control, Interruption interruption)
    {
        using var selectors = new SelectorLibrary();
        foreach (string file in (parsed.GetValue(_assemblies) ?? []).Distinct())
        {
            selectors.Load(file);
        }

        ServeOptions options = OptionsOf(parsed);
        PathSpecs.EnsureOneDisk(options.Paths);
        PathSpecs.Prepare(options.Paths, create: null, "make it with truncate -s SIZE FILE, such as truncate -s 1G disk.img");

        UblkDiskHost.EnsurePossible();
        if (MemoryLock.TryLockAll() is { } warning)
        {
            Console.Error.WriteLine($"mpathd: {warning}");
        }

        var logger = new LineLogger(Console.Error);
        var daemon = new Daemon(options, UblkDiskHost.Starter(logger), new DaemonLimits(), logger) { Selectors = selectors };
        return daemon.Run(control, interruption, Console.Out);
    }

    private static int ParseDevice(string? text) =>
        text is null ? -1 : CliOptions.ParseNumber(text, 0, MostDevices - 1, 0);

    private static DiskRecovery ParseRecovery(string? text) => text switch
    {
        null or "reissue" => DiskRecovery.Reissue,
        "queue" => DiskRecovery.Queue,
        "fail-io" => DiskRecovery.FailIo,
        _ => throw new FormatException($"there is no recovery '{text}'; give reissue, queue or fail-io"),
    };

    /// <summary>What a command line asks for.</summary>
    /// <param name="parsed">Without errors.</param>
    /// <exception cref="MpathdException">Options do not go together.</exception>
    internal ServeOptions OptionsOf(ParseResult parsed) => new()
    {
        Paths = parsed.GetRequiredValue(_paths),
        Policy = parsed.GetValue(_policy) is { } policy ? PolicyOf(policy) : IoPolicies.Numa,
        DeviceId = parsed.GetValue(_ublk) is >= 0 and int id ? id : null,
        Queues = parsed.GetValue(_queues),
        QueueDepth = parsed.GetValue(_depth),
        ReadOnly = parsed.GetValue(_readOnly),
        Recovery = parsed.GetValue(_recovery) ?? DiskRecovery.None,
        Mode = ModeOf(parsed),
        DelayedRemovalSecs = (uint)parsed.GetValue(_removal),
    };

    private static PathSelector PolicyOf(string text)
    {
        if (!IoPolicies.TryParse(text, out PathSelector? policy, out string? error))
        {
            throw MpathdException.WrongArguments($"--policy: {error}", "mpathd serve --help shows what there is, with examples");
        }

        try
        {
            // One of an assembly may be one that cannot be made.
            _ = IoPolicies.Definitions.Any(each => each.Name == text.Split(':')[0]) ? IoPolicies.CreateSelector(text).Needs : default;
            return policy;
        }
        catch (Exception exception)
        {
            throw MpathdException.SystemLacks($"--policy: {text} cannot be used: {ForeignException.MessageOf(exception)}", "see to its assembly, or give another policy", exception);
        }
    }

    private DataMode ModeOf(ParseResult parsed)
    {
        (bool Given, DataMode Mode)[] modes =
        [
            (parsed.GetValue(_userCopy), DataMode.UserCopy),
            (parsed.GetValue(_zeroCopy), DataMode.ZeroCopy),
            (parsed.GetValue(_batch), DataMode.Batch),
        ];
        DataMode[] given = [.. modes.Where(mode => mode.Given).Select(mode => mode.Mode)];
        return given.Length switch
        {
            0 => DataMode.Copy,
            1 => given[0],
            _ => throw MpathdException.WrongArguments("--user-copy, --zero-copy and --batch exclude each other", "give one of them, or none"),
        };
    }
}
