using System.CommandLine;
using Mpathd.Runs;

namespace Mpathd.Commands;

/// <summary><c>mpathd path</c>: what can be done to the paths of a disk that is served.</summary>
internal sealed class PathCommand : Command, IHasExamples
{
    public PathCommand(Interruption interruption)
        : base("path", "Changes the paths of a disk that is served")
    {
        Add(new PathAddCommand(interruption));
        Add(PathVerbCommand.Remove(interruption));
        Add(PathVerbCommand.Fail(interruption));
        Add(PathVerbCommand.Restore(interruption));
        Add(new PathSetStateCommand(interruption));
    }

    public IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("mpathd path add loop:disk.img", "adds a path to the file of the disk"),
        ("mpathd path fail 0", "fails the path that was added first, under the I/O that it has"),
        ("mpathd path set-state loop1 non-optimized", "makes a path second best"),
    ];
}
