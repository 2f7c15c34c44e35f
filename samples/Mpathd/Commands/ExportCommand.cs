using System.CommandLine;
using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Paths;
using LibMultipath.Selection;
using Mpathd.Nbd;
using Mpathd.Paths;
using Mpathd.Runs;
using Mpathd.Serving;

namespace Mpathd.Commands;

/// <summary><c>mpathd export</c>: one path as an NBD server of its own, to be a path of somebody's disk.</summary>
internal sealed class ExportCommand : Command, IHasExamples
{
    // With what follows, within the time that an interruption has.
    private static readonly TimeSpan s_stopLimit = TimeSpan.FromSeconds(1);

    private readonly Argument<PathSpec> _path = CliOptions.Argument("SPEC", PathSpecParser.Parse, $"What is exported: {PathSpecs.Forms}");
    private readonly NbdArguments _nbd = new("Where clients are listened for", required: true);
    private readonly Option<bool> _readOnly = new("--read-only") { Description = "Refuse writes" };
    private readonly Option<bool> _untilEof = new("--until-eof") { Description = "End with the standard input, for a program that starts it; not with the terminal" };

    public ExportCommand(Interruption interruption)
        : base("export", "Exports one path over NBD, as a server to try paths out with")
    {
        _path.CompletionSources.Add([.. PathSpecs.Beginnings]);
        Add(_path);
        _nbd.AddTo(this);
        Add(_readOnly);
        Add(_untilEof);
        SetAction(parsed => (int)Run(parsed, interruption));
    }

    public IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("mpathd export loop:disk.img --nbd unix:/tmp/a.sock", "a file, for nbd:unix:/tmp/a.sock; kill it and start it again under I/O"),
        ("mpathd export bdev:/dev/sdb --nbd tcp:192.0.2.1:10809 --read-only", "a device, for other machines to read"),
    ];

    private ExitCode Run(ParseResult parsed, Interruption interruption)
    {
        PathSpec path = parsed.GetRequiredValue(_path);
        bool readOnly = parsed.GetValue(_readOnly);
        NbdHostOptions nbd = _nbd.Of(parsed)!;
        PathSpecs.Prepare([path], create: null, "make it with truncate -s SIZE FILE, such as truncate -s 1G disk.img");
        using var end = new ManualResetEvent(initialState: false);
        if (parsed.GetValue(_untilEof))
        {
            interruption.LeaveTerminal();
            WaitForEof(end);
        }

        var logger = new LineLogger(Console.Error);
        using var group = new PathGroup(
            "export", PathSpecs.TemplateOf(path, new MpathIoPolicy(IoPolicies.Numa)), delayedRemovalSecs: 0, new MpathDiskOptions { ReadOnly = readOnly }, logger);
        group.Add(PathSpecs.MakerOf(path, new PathMakerOptions { ReadOnly = readOnly, Logger = logger, Cancellation = interruption.Token }));
        using IDiskHost host = NbdDiskHost.Start(group.Disk, nbd, readOnly, logger);
        Console.Out.WriteLine($"{host.Name} is ready: {SizeText.Format(group.Disk.CapacitySectors * QueueLimits.SectorSize)}");
        foreach (string client in host.Clients)
        {
            Console.Out.WriteLine($"  {client}");
        }

        bool interrupted = WaitHandle.WaitAny([interruption.Requested, end]) == 0;
        host.Stop(s_stopLimit);
        return interrupted ? ExitCode.Interrupted : ExitCode.Done;
    }

    // What is written there means nothing.
    private static void WaitForEof(ManualResetEvent end) => new Thread(() =>
    {
        using Stream input = Console.OpenStandardInput();
        input.CopyTo(Stream.Null);
        end.Set();
    })
    { IsBackground = true, Name = "eof" }.Start();
}
