using System.CommandLine;
using Mpathd.Control;
using Mpathd.Runs;

namespace Mpathd.Commands;

/// <summary><c>mpathd get</c>.</summary>
internal sealed class GetCommand : ControlCommand
{
    private readonly Argument<string> _name = AttributeArgument.Make(
        "The attribute, as in sysfs: iopolicy, path/0/access_state, diag/io_fail_no_available_path_count; mpathd status --tree shows all", writable: false);

    private readonly Option<bool> _json = CliOptions.JsonLine();

    public GetCommand(Interruption interruption)
        : base("get", "Shows an attribute of a disk that is served", interruption)
    {
        Add(_name);
        Add(_json);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("mpathd get iopolicy", "how paths are selected"),
        ("mpathd get path/0/access_state", "of the path that was added first"),
        ("mpathd get multipath/loop1/numa_nodes", "of the path of that name: the nodes whose I/O it takes"),
    ];

    protected override ControlRequest RequestOf(ParseResult parsed) => new() { Verb = ControlVerbs.Get, Name = parsed.GetRequiredValue(_name) };

    protected override ExitCode Run(ParseResult parsed)
    {
        if (Ask(ClientOf(parsed), RequestOf(parsed)) is not { Attribute: { } attribute })
        {
            return ExitCode.Interrupted;
        }

        if (parsed.GetValue(_json))
        {
            Console.Out.WriteLine(ControlJson.Text(attribute));
        }
        else if (attribute.Value is { Length: > 0 } value)
        {
            Console.Out.WriteLine(value);
        }

        return ExitCode.Done;
    }
}
