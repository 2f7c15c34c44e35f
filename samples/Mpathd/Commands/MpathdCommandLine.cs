using System.CommandLine;
using System.CommandLine.Invocation;
using Mpathd.Runs;

namespace Mpathd.Commands;

/// <summary>All verbs, and how a command line becomes an exit code.</summary>
internal static class MpathdCommandLine
{
    /// <summary>Does what a command line says.</summary>
    /// <param name="arguments">Without the program's name.</param>
    /// <param name="interruption">What ends it early.</param>
    /// <exception cref="MpathdException">Why it cannot be done.</exception>
    public static ExitCode Invoke(string[] arguments, Interruption interruption)
    {
        MpathdRootCommand root = new(
            new DemoCommand(interruption),
            new IoCommand(interruption),
            new ServeCommand(interruption),
            new ExportCommand(interruption),
            new StatusCommand(interruption),
            new GetCommand(interruption),
            new SetCommand(interruption),
            new PathCommand(interruption),
            new PolicyCommand(interruption),
            new SelectorCommand(interruption),
            new ResizeCommand(interruption),
            new PrCommand(interruption),
            new TraceCommand(interruption),
            new FeedCommand(interruption),
            new StopCommand(interruption),
            new UblkCommand(),
            new CompletionCommand());
        ParseResult parsed = root.Parse(arguments);
        if (parsed.Action is ParseErrorAction or null)
        {
            throw WrongArguments(parsed);
        }

        return (ExitCode)parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    }

    private static MpathdException WrongArguments(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        string remedy = $"{NameOf(command)} --help shows what there is, with examples";
        if (command.Subcommands.Count > 0)
        {
            string verbs = string.Join(", ", command.Subcommands.Select(verb => verb.Name));
            string kind = command is RootCommand ? "verb" : $"{command.Name} verb";
            string problem = parsed.UnmatchedTokens is [string unknown, ..] ? $"there is no {kind} '{unknown}'" : $"there is no {kind}";
            return MpathdException.WrongArguments($"{problem}; give one of {verbs}", remedy);
        }

        IEnumerable<string> problems = parsed.Errors.Select(error => error.Message).Distinct();
        return MpathdException.WrongArguments(string.Join(Environment.NewLine + "mpathd: ", problems), remedy);
    }

    // As it is typed.
    private static string NameOf(Command command) => command.Parents.OfType<Command>().FirstOrDefault() is { } parent
        ? $"{NameOf(parent)} {command.Name}"
        : "mpathd";
}
