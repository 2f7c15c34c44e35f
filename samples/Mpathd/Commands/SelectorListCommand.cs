using System.CommandLine;
using Mpathd.Control;
using Mpathd.Runs;
using Mpathd.Serving;

namespace Mpathd.Commands;

/// <summary><c>mpathd selector list</c>.</summary>
internal sealed class SelectorListCommand : ControlCommand
{
    private readonly Option<bool> _json = CliOptions.JsonLine();

    public SelectorListCommand(Interruption interruption)
        : base("list", "Shows what selectors there are, with their parameters", interruption) => Add(_json);

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("mpathd selector list", "by name, each parameter with what it is unless it is given"),
        ("mpathd selector list --json", "the same for a program"),
    ];

    protected override ControlRequest RequestOf(ParseResult parsed) => new() { Verb = ControlVerbs.SelectorList };

    protected override ExitCode Run(ParseResult parsed)
    {
        if (Ask(ClientOf(parsed), RequestOf(parsed)) is not { Selectors: { } selectors })
        {
            return ExitCode.Interrupted;
        }

        if (parsed.GetValue(_json))
        {
            Console.Out.WriteLine(ControlJson.Text(selectors));
            return ExitCode.Done;
        }

        foreach (KnownSelector selector in selectors)
        {
            Console.Out.WriteLine($"{selector.Name}: {selector.Summary}{(selector.File is { } file ? $" ({file})" : "")}");
            foreach ((string parameter, string summary) in selector.Parameters)
            {
                Console.Out.WriteLine($"    {parameter}: {summary}");
            }
        }

        return ExitCode.Done;
    }
}
