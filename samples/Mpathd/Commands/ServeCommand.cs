using System.CommandLine;
using LibMultipath.Paths;
using LibMultipath.Selection;
using Mpathd.Control;
using Mpathd.Paths;
using Mpathd.Runs;
using Mpathd.Selectors;
using Mpathd.Serving;

namespace Mpathd.Commands;

/// <summary><c>mpathd serve</c>: a block device of the machine over paths of the user's own.</summary>
internal sealed class ServeCommand : Command, IHasExamples
{
    /// <summary>The kernel has numbers below this (UBLK_MINORS).</summary>
    public const int MostDevices = 1 << 20;

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

    private readonly UblkArguments _ublk = new();
    private readonly NbdArguments _nbd = new("An export over NBD, beside or instead of a block device", required: false);
    private readonly Option<bool> _readOnly = new("--read-only") { Description = "Refuse writes" };

    private readonly Option<int> _removal = CliOptions.Number("--delayed-removal", 0, MostRemovalSecs, 0,
        "How many seconds the disk stays, and its I/O waits, when its last path has been removed");

    private readonly Option<int?> _fastFail = CliOptions.Optional<int?>("--fast-fail", "SECS", text => CliOptions.ParseNumber(text, 0, MostRemovalSecs, 10),
        $"How many seconds I/O waits while none of the paths works, before it fails until one does: 0 to {MostRemovalSecs}. As long as one may come back unless it is given; with nbd: paths, --delayed-removal if that is");

    private readonly Option<string?> _control = CliOptions.Control();

    public ServeCommand(Interruption interruption)
        : base("serve", "Makes a block device or an NBD export over paths of your own, and serves it until it is stopped")
    {
        _paths.CompletionSources.Add([.. PathSpecs.Beginnings]);
        _policy.CompletionSources.Add([.. IoPolicies.All.Select(policy => policy.Name)]);
        Add(_paths);
        Add(_policy);
        Add(_assemblies);
        _ublk.AddTo(this);
        _nbd.AddTo(this);
        Add(_readOnly);
        Add(_removal);
        Add(_fastFail);
        Add(_control);
        SetAction(parsed => (int)Run(parsed, parsed.GetValue(_control) ?? ControlPaths.Default, interruption));
    }

    public IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("mpathd serve --path loop:disk.img --path loop:disk.img", "a file over two paths, as the next free /dev/ublkbN"),
        ("mpathd serve --path loop:disk.img --ublk 7 --recoverable", "as /dev/ublkb7; typed again after a crash, it goes on where it was"),
        ("mpathd serve --path bdev:/dev/sda --path bdev:/dev/sdb,state=non-optimized --policy round-robin", "a disk that the machine reaches through two of its hosts, as /dev/sda and /dev/sdb"),
        ("mpathd serve --path nbd:unix:/run/a.sock --path nbd://192.0.2.7/ --delayed-removal 60", "a disk that two NBD servers have; I/O waits a minute for one of them"),
        ("mpathd serve --path loop:disk.img --path loop:disk.img --nbd unix:/run/mpathd/disk.nbd", "for NBD clients, without a block device"),
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

        var logger = new LineLogger(Console.Error);
        DiskHostStart host = DiskHosts.Choose(options, control, logger);
        if (MemoryLock.TryLockAll() is { } warning)
        {
            Console.Error.WriteLine($"mpathd: {warning}");
        }

        var daemon = new Daemon(options, host, new DaemonLimits(), logger) { Selectors = selectors };
        return daemon.Run(control, interruption, Console.Out);
    }

    /// <summary>What a command line asks for.</summary>
    /// <param name="parsed">Without errors.</param>
    /// <exception cref="MpathdException">Options do not go together.</exception>
    internal ServeOptions OptionsOf(ParseResult parsed) => _ublk.AddTo(
        new ServeOptions
        {
            Paths = parsed.GetRequiredValue(_paths),
            Policy = parsed.GetValue(_policy) is { } policy ? PolicyOf(policy) : IoPolicies.Numa,
            Nbd = _nbd.Of(parsed),
            ReadOnly = parsed.GetValue(_readOnly),
            DelayedRemovalSecs = (uint)parsed.GetValue(_removal),
            FastFailSecs = (uint?)parsed.GetValue(_fastFail),
        },
        parsed);

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
}
