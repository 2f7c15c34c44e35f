using System.CommandLine;
using Mpathd.Control;
using Mpathd.Feeding;
using Mpathd.Runs;

namespace Mpathd.Commands;

/// <summary><c>mpathd feed</c>.</summary>
internal sealed class FeedCommand : ControlCommand
{
    private readonly Interruption _interruption;

    public FeedCommand(Interruption interruption)
        : base("feed", $"Reads lines from the standard input, and tells a daemon what they say of its paths: {FeedText.Forms}", interruption) => _interruption = interruption;

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("echo weight 0 10 | mpathd feed", "gives path 0 ten times as much I/O as one of weight 1, under a policy that looks at weights"),
        ("my-monitor | mpathd feed", "what a monitor prints, for as long as it runs"),
        ("mpathd feed < events.txt", "a file; a line may be empty, or end in # and a comment"),
    ];

    protected override ControlRequest RequestOf(ParseResult parsed) => new() { Verb = ControlVerbs.Feed };

    protected override ExitCode Run(ParseResult parsed) =>
        EndOf(new Feed(ClientOf(parsed), Console.In, Console.Error).RunAsync(RequestOf(parsed), _interruption.Token));
}
