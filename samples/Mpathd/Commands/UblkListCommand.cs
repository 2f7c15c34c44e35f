using System.CommandLine;
using LibMultipath.Ublk.Control;
using Mpathd.Ublk;

namespace Mpathd.Commands;

/// <summary><c>mpathd ublk list</c>.</summary>
internal sealed class UblkListCommand : UblkVerb
{
    private readonly Option<bool> _json = CliOptions.JsonLine();

    public UblkListCommand()
        : base("list", "Shows all ublk devices that you may see") => Add(_json);

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("mpathd ublk list", "one line for each"),
        ("mpathd ublk list --json", "an array, for a script"),
    ];

    protected override void Run(ParseResult parsed, UblkControl control)
    {
        UblkDeviceStatus[] devices = [.. control.ListDevices().Select(info => StatusOf(control, info))];
        Print(parsed.GetValue(_json) ? [UblkJson.Text(devices)] : UblkText.Lines(devices));
    }
}
