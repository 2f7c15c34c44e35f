using System.CommandLine;
using Mpathd.Control;
using Mpathd.Runs;
using Mpathd.Serving;

namespace Mpathd.Commands;

/// <summary><c>mpathd pr read-keys|read-reservation</c>.</summary>
internal sealed class PrReadCommand : ControlCommand
{
    private readonly Option<bool> _json = CliOptions.JsonLine();
    private readonly string _verb;

    private PrReadCommand(string name, string verb, string description, string does, Interruption interruption)
        : base(name, description, interruption)
    {
        _verb = verb;
        Examples = [($"mpathd pr {name}", does), ($"mpathd pr {name} --json", "the same for a program")];
        Add(_json);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples { get; }

    public static PrReadCommand Keys(Interruption interruption) =>
        new("read-keys", ControlVerbs.PrReadKeys, "Shows who is registered", "a key in a line, the disk's own once", interruption);

    public static PrReadCommand Reservation(Interruption interruption) =>
        new("read-reservation", ControlVerbs.PrReadReservation, "Shows who has reserved", "the holder's key and the type", interruption);

    protected override ControlRequest RequestOf(ParseResult parsed) => new() { Verb = _verb };

    protected override ExitCode Run(ParseResult parsed)
    {
        if (Ask(ClientOf(parsed), RequestOf(parsed)) is not { Reservation: { } read })
        {
            return ExitCode.Interrupted;
        }

        if (parsed.GetValue(_json))
        {
            Console.Out.WriteLine(ControlJson.Text(read));
            return ExitCode.Done;
        }

        foreach (string line in Lines(read))
        {
            Console.Out.WriteLine(line);
        }

        return ExitCode.Done;
    }

    private static IEnumerable<string> Lines(ReservationStatus read) => read switch
    {
        { Keys: [] } => ["no registration"],
        { Keys: { } keys } => keys,
        { Reserved: true } => [$"{read.Key} {read.Type}"],
        _ => ["no reservation"],
    };
}
