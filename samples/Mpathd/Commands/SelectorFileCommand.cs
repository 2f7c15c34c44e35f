using System.CommandLine;
using Mpathd.Control;
using Mpathd.Runs;

namespace Mpathd.Commands;

/// <summary><c>mpathd selector load|unload</c>.</summary>
internal sealed class SelectorFileCommand : ControlCommand
{
    private readonly Argument<string> _file = CliOptions.Argument("FILE", CliOptions.ParseFile, "The assembly: the .dll that dotnet build has made");
    private readonly string _verb;

    private SelectorFileCommand(string name, string verb, string description, string does, Interruption interruption)
        : base(name, description, interruption)
    {
        _verb = verb;
        Examples = [($"mpathd selector {name} bin/Release/net10.0/MySelectors.dll", does)];
        Add(_file);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples { get; }

    public static SelectorFileCommand Load(Interruption interruption) => new(
        "load", ControlVerbs.SelectorLoad, "Makes the selectors of an assembly known. They run as the daemon does, and can do what it can",
        "selector attach and policy can name its selectors from now on", interruption);

    public static SelectorFileCommand Unload(Interruption interruption)
    {
        SelectorFileCommand command = new(
            "unload", ControlVerbs.SelectorUnload, "Lets go of an assembly with selectors that the disk does not use",
            "its selectors are not known any more", interruption);
        command._file.CompletionSources.Add(context => DaemonCompletion.SelectorsOf(context).Select(selector => selector.File).OfType<string>().Distinct());
        return command;
    }

    protected override ControlRequest RequestOf(ParseResult parsed) => new()
    {
        Verb = _verb,
        Selector = new SelectorRequest { File = parsed.GetRequiredValue(_file) },
    };
}
