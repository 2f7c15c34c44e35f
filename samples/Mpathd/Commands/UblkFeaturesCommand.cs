using System.CommandLine;
using LibMultipath.Ublk.Control;
using Mpathd.Ublk;

namespace Mpathd.Commands;

/// <summary><c>mpathd ublk features</c>.</summary>
internal sealed class UblkFeaturesCommand : UblkVerb
{
    private readonly Option<bool> _json = CliOptions.JsonLine();

    public UblkFeaturesCommand()
        : base("features", "Shows what this kernel's ublk can do") => Add(_json);

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("mpathd ublk features", "one line for each"),
        ("mpathd ublk features --json", "for a script"),
    ];

    protected override void Run(ParseResult parsed, UblkControl control)
    {
        var status = UblkFeatureStatus.Of(control.Features, control.FeaturesAreInferred);
        Print(parsed.GetValue(_json) ? [UblkJson.Text(status)] : UblkText.Lines(status));
    }
}
