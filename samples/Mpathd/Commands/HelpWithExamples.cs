using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Mpathd.Commands;

/// <summary>The usual help of a command, then its examples and the exit codes.</summary>
internal sealed class HelpWithExamples : SynchronousCommandLineAction
{
    private const string ExitCodes = """
        Exit codes:
          0    done
          1    it was begun and went wrong: I/O failed, data differed, a daemon refused
          2    wrong arguments
          3    the system lacks something: a file, a permission, space, a feature of the kernel
          130  interrupted, after a clean end
        """;

    private readonly HelpAction _usual;

    public HelpWithExamples(HelpAction usual) => _usual = usual;

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        int code = _usual.Invoke(parseResult);
        TextWriter output = parseResult.InvocationConfiguration.Output;
        if (parseResult.CommandResult.Command is IHasExamples command)
        {
            output.WriteLine("Examples:");
            foreach ((string line, string does) in command.Examples)
            {
                output.WriteLine($"  {line}");
                output.WriteLine($"      {does}");
            }

            output.WriteLine();
        }

        output.WriteLine(ExitCodes);
        return code;
    }
}
