using System.CommandLine;
using Mpathd.Control;
using Mpathd.Runs;

namespace Mpathd.Commands;

/// <summary><c>mpathd path remove|fail|restore</c>: what needs nothing but a path.</summary>
internal sealed class PathVerbCommand : ControlCommand
{
    private readonly Argument<string> _path = PathArgument.Make();
    private readonly string _verb;
    private readonly string _does;

    private PathVerbCommand(string name, string verb, string description, string does, Interruption interruption)
        : base(name, description, interruption)
    {
        _verb = verb;
        _does = does;
        Add(_path);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ($"mpathd path {Name} 0", $"{_does} that was added first"),
        ($"mpathd path {Name} loop1", $"{_does} of that name"),
    ];

    public static PathVerbCommand Remove(Interruption interruption) => new(
        "remove", ControlVerbs.PathRemove, "Removes a path, when what it has in flight has ended", "removes the path", interruption);

    public static PathVerbCommand Fail(Interruption interruption) => new(
        "fail", ControlVerbs.PathFail, "Fails a path under the I/O that it has, as pulling its cable would", "fails the path", interruption);

    public static PathVerbCommand Restore(Interruption interruption) => new(
        "restore", ControlVerbs.PathRestore, "Makes a path that was failed work again", "restores the path", interruption);

    protected override ControlRequest RequestOf(ParseResult parsed) => new() { Verb = _verb, Path = parsed.GetRequiredValue(_path) };
}
