using System.CommandLine;
using Mpathd.Control;
using Mpathd.Paths;
using Mpathd.Runs;

namespace Mpathd.Commands;

/// <summary><c>mpathd path add</c>.</summary>
internal sealed class PathAddCommand : ControlCommand
{
    private readonly Argument<PathSpec> _spec = CliOptions.Argument("SPEC", PathSpecParser.Parse, $"The path: {PathSpecs.Forms}");

    public PathAddCommand(Interruption interruption)
        : base("add", "Adds a path to a disk that is served", interruption) => Add(_spec);

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("mpathd path add loop:disk.img", "a path to the file of the disk; says which number it has"),
        ("mpathd path add bdev:/dev/sde,node=1", "a path to the block device of the disk, such as one that was scanned anew"),
        ("mpathd path add null:size=1G,latency=100us,node=1", "a null path, as large as the disk"),
    ];

    protected override ControlRequest RequestOf(ParseResult parsed) =>
        new() { Verb = ControlVerbs.PathAdd, Spec = PathSpecText.Format(parsed.GetRequiredValue(_spec)) };
}
