using System.CommandLine;
using LibMultipath.Ublk.Control;

namespace Mpathd.Commands;

/// <summary><c>mpathd ublk stop|delete</c>.</summary>
internal sealed class UblkEndCommand : UblkVerb
{
    private readonly Argument<int> _id = IdArgument();
    private readonly Action<UblkControl, int> _end;
    private readonly string _done;

    private UblkEndCommand(string name, string description, Action<UblkControl, int> end, string done, params (string Line, string Does)[] examples)
        : base(name, description)
    {
        _end = end;
        _done = done;
        Examples = examples;
        Add(_id);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples { get; }

    public static UblkEndCommand Stop() => new(
        "stop", "Takes the block device of a ublk device away, whoever has it open; its daemon ends then",
        (control, id) => control.StopDevice(id), "stopped",
        ("mpathd ublk stop 7", "/dev/ublkb7 goes when the I/O under way has ended"));

    public static UblkEndCommand Delete() => new(
        "delete", "Stops a ublk device and deletes it: its number is free then",
        (control, id) => control.DeleteDevice(id), "deleted",
        ("mpathd ublk delete 7", "for good: nobody can take it over any more"));

    protected override void Run(ParseResult parsed, UblkControl control)
    {
        int id = parsed.GetRequiredValue(_id);
        _end(control, id);
        Print([$"ublk device {id}: {_done}"]);
    }
}
