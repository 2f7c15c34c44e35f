using System.CommandLine;
using Mpathd.Runs;

namespace Mpathd.Commands;

/// <summary><c>mpathd pr</c>: persistent reservations of a disk that is served.</summary>
internal sealed class PrCommand : Command, IHasExamples
{
    public PrCommand(Interruption interruption)
        : base("pr", "Persistent reservations of a disk that is served: for all its paths, as if it had one")
    {
        Add(PrVerbCommand.Register(interruption));
        Add(PrVerbCommand.Reserve(interruption));
        Add(PrVerbCommand.Release(interruption));
        Add(PrVerbCommand.Preempt(interruption));
        Add(PrVerbCommand.Clear(interruption));
        Add(PrReadCommand.Keys(interruption));
        Add(PrReadCommand.Reservation(interruption));
    }

    public IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("mpathd pr register --key 0x123abc", "registers on every path"),
        ("mpathd pr reserve --key 0x123abc --type exclusive-access-registrants-only", "keeps everybody out who is not registered"),
        ("mpathd pr read-reservation", "who has reserved"),
    ];
}
