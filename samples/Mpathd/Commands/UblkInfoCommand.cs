using System.CommandLine;
using LibMultipath.Ublk.Control;
using Mpathd.Ublk;

namespace Mpathd.Commands;

/// <summary><c>mpathd ublk info</c>.</summary>
internal sealed class UblkInfoCommand : UblkVerb
{
    private readonly Argument<int> _id = IdArgument();
    private readonly Option<bool> _json = CliOptions.JsonLine();

    public UblkInfoCommand()
        : base("info", "Shows one ublk device")
    {
        Add(_id);
        Add(_json);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("mpathd ublk info 0", "all there is to say of /dev/ublkb0"),
        ("mpathd ublk info 0 --json", "for a script"),
    ];

    protected override void Run(ParseResult parsed, UblkControl control)
    {
        UblkDeviceStatus device = StatusOf(control, control.GetDeviceInfo(parsed.GetRequiredValue(_id)));
        Print(parsed.GetValue(_json) ? [UblkJson.Text(device)] : UblkText.Lines(device));
    }
}
