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
            new IoCommand(interruption));
        ParseResult parsed = root.Parse(arguments);
        if (parsed.Action is ParseErrorAction or null)
        {
            throw WrongArguments(parsed);
        }

        return (ExitCode)parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    }

    private static MpathdException WrongArguments(ParseResult parsed)
    {
        if (parsed.CommandResult.Command is RootCommand root)
        {
            string verbs = string.Join(", ", root.Subcommands.Select(verb => verb.Name));
            string problem = parsed.UnmatchedTokens is [string unknown, ..] ? $"there is no verb '{unknown}'" : "there is no verb";
            return MpathdException.WrongArguments($"{problem}; give one of {verbs}", "mpathd --help shows what there is, with examples");
        }

        IEnumerable<string> problems = parsed.Errors.Select(error => error.Message).Distinct();
        return MpathdException.WrongArguments(
            string.Join(Environment.NewLine + "mpathd: ", problems),
            $"mpathd {parsed.CommandResult.Command.Name} --help shows what there is, with examples");
    }
}
