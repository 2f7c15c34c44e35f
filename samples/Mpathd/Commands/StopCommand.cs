using System.CommandLine;
using Mpathd.Control;
using Mpathd.Runs;

namespace Mpathd.Commands;

/// <summary><c>mpathd stop</c>.</summary>
internal sealed class StopCommand : ControlCommand
{
    public StopCommand(Interruption interruption)
        : base("stop", "Ends a daemon: its block device goes when the I/O under way has ended", interruption)
    {
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("mpathd stop", "returns when the block device has gone; unmount what is on it before"),
        ("mpathd stop --control /run/mpathd/disk.sock", "ends that one of several daemons"),
    ];

    protected override ControlRequest RequestOf(ParseResult parsed) => new() { Verb = ControlVerbs.Stop };
}
