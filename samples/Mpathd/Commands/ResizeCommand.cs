using System.CommandLine;
using Mpathd.Control;
using Mpathd.Paths;
using Mpathd.Runs;

namespace Mpathd.Commands;

/// <summary><c>mpathd resize</c>.</summary>
internal sealed class ResizeCommand : ControlCommand
{
    private readonly Argument<long> _size = CliOptions.Argument(
        "SIZE", SizeText.Parse, "The new size. The file of loop paths is extended with zeroes, or cut off: what was beyond is lost");

    public ResizeCommand(Interruption interruption)
        : base("resize", "Makes a disk that is served larger or smaller", interruption) => Add(_size);

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("mpathd resize 2G", "grows the disk; then let its file system know, such as with resize2fs /dev/ublkb0"),
        ("mpathd resize 512M", "shrinks it, and loses what was beyond: shrink its file system first"),
    ];

    protected override ControlRequest RequestOf(ParseResult parsed) => new() { Verb = ControlVerbs.Resize, Size = parsed.GetRequiredValue(_size) };
}
