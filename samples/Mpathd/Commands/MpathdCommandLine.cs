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
        string verb = parsed.CommandResult.Command is RootCommand ? "mpathd" : $"mpathd {parsed.CommandResult.Command.Name}";
        IEnumerable<string> problems = parsed.Errors.Select(error => error.Message).Distinct();
        return MpathdException.WrongArguments(
            parsed.Errors.Count == 0 ? "there is no verb" : string.Join(Environment.NewLine + "mpathd: ", problems),
            $"{verb} --help shows what there is, with examples");
    }
}
