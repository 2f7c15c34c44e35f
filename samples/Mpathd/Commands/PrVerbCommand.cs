using System.CommandLine;
using LibMultipath.Reservations;
using Mpathd.Control;
using Mpathd.Runs;
using Mpathd.Serving;

namespace Mpathd.Commands;

/// <summary><c>mpathd pr register|reserve|release|preempt|clear</c>.</summary>
internal sealed class PrVerbCommand : ControlCommand
{
    private readonly Option<ulong> _key;
    private readonly Option<ulong?> _oldKey = CliOptions.Optional<ulong?>(
        "--old-key", "KEY", text => ReservationText.ParseKey(text), "The key that the disk is registered with; 0, which is none, unless it is given");

    private readonly Option<PrType> _type = CliOptions.Needed(
        "--type", "TYPE", ReservationText.ParseType, $"What others are kept from: {string.Join(", ", ReservationText.TypeNames)}");

    private readonly Option<bool> _ignore = new("--ignore") { Description = "Whatever key the disk is registered with" };
    private readonly Option<bool> _abort = new("--abort") { Description = "Abort the commands of those who lose their key" };
    private readonly string _verb;

    private PrVerbCommand(string name, string verb, string description, string key, Interruption interruption, params (string Line, string Does)[] examples)
        : base(name, description, interruption)
    {
        _verb = verb;
        _key = CliOptions.Needed("--key", "KEY", ReservationText.ParseKey, key);
        _type.CompletionSources.Add([.. ReservationText.TypeNames]);
        Examples = examples;
        Add(_key);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples { get; }

    public static PrVerbCommand Register(Interruption interruption)
    {
        var command = new PrVerbCommand(
            "register", ControlVerbs.PrRegister, "Registers a key on every path, or on none", "The key from now on; 0 ends the registration", interruption,
            ("mpathd pr register --key 0x123abc", "registers"),
            ("mpathd pr register --old-key 0x123abc --key 0x456def", "changes the key"),
            ("mpathd pr register --old-key 0x456def --key 0", "ends the registration, and a reservation with it"));
        command.Add(command._oldKey);
        command.Add(command._ignore);
        return command;
    }

    public static PrVerbCommand Reserve(Interruption interruption) => WithType(new(
        "reserve", ControlVerbs.PrReserve, "Reserves the disk", "The key that the disk is registered with", interruption,
        ("mpathd pr reserve --key 0x123abc --type write-exclusive-registrants-only", "keeps everybody from writing who is not registered")));

    public static PrVerbCommand Release(Interruption interruption) => WithType(new(
        "release", ControlVerbs.PrRelease, "Ends the reservation of the disk", "The key that the disk is registered with", interruption,
        ("mpathd pr release --key 0x123abc --type write-exclusive-registrants-only", "of the type that was reserved")));

    public static PrVerbCommand Preempt(Interruption interruption)
    {
        PrVerbCommand command = WithType(new(
            "preempt", ControlVerbs.PrPreempt, "Takes a key, and a reservation with it, away from somebody", "The key of those who lose it", interruption,
            ("mpathd pr preempt --old-key 0x123abc --key 0xbad --type write-exclusive-registrants-only", "takes away the key 0xbad; the disk has 0x123abc"),
            ("mpathd pr preempt --old-key 0x123abc --key 0x123abc --type exclusive-access", "changes the type of the disk's own reservation")));
        command.Add(command._oldKey);
        command.Add(command._abort);
        return command;
    }

    public static PrVerbCommand Clear(Interruption interruption) => new(
        "clear", ControlVerbs.PrClear, "Ends all registrations and the reservation, whoever has them", "The key that the disk is registered with", interruption,
        ("mpathd pr clear --key 0x123abc", "of everybody"));

    protected override ControlRequest RequestOf(ParseResult parsed) => new()
    {
        Verb = _verb,
        Reservation = new ReservationRequest
        {
            Key = ReservationText.Format(parsed.GetRequiredValue(_key)),
            OldKey = Options.Contains(_oldKey) && parsed.GetValue(_oldKey) is { } oldKey ? ReservationText.Format(oldKey) : null,
            Type = Options.Contains(_type) ? ReservationText.Format(parsed.GetRequiredValue(_type)) : null,
            Ignore = Options.Contains(_ignore) && parsed.GetValue(_ignore) ? true : null,
            Abort = Options.Contains(_abort) && parsed.GetValue(_abort) ? true : null,
        },
    };

    private static PrVerbCommand WithType(PrVerbCommand command)
    {
        command.Add(command._type);
        return command;
    }
}
