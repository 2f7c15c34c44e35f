using System.CommandLine;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Parameters;
using Mpathd.Ublk;

namespace Mpathd.Commands;

/// <summary>A verb of <c>mpathd ublk</c>: opens the driver's control device, and says in the program's way what it refuses.</summary>
internal abstract class UblkVerb : Command, IHasExamples
{
    protected UblkVerb(string name, string description)
        : base(name, description) => SetAction(parsed => (int)Run(parsed));

    public abstract IReadOnlyList<(string Line, string Does)> Examples { get; }

    /// <summary>Which device.</summary>
    protected static Argument<int> IdArgument()
    {
        Argument<int> argument = CliOptions.Argument(
            "ID", text => CliOptions.ParseNumber(text, 0, ServeCommand.MostDevices - 1, 0), "The device's number: the N of /dev/ublkbN");
        argument.CompletionSources.Add(_ => UblkControl.ListIds().Select(id => new System.CommandLine.Completions.CompletionItem($"{id}")));
        return argument;
    }

    /// <summary>Does it.</summary>
    protected abstract void Run(ParseResult parsed, UblkControl control);

    /// <summary>Prints lines.</summary>
    protected static void Print(IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            Console.Out.WriteLine(line);
        }
    }

    /// <summary>What the kernel says of a device.</summary>
    protected static UblkDeviceStatus StatusOf(UblkControl control, UblkDeviceInfo info)
    {
        UblkParameters? parameters = null;
        try
        {
            parameters = control.GetParameters(info.Id) is { AreSet: true } set ? set : null;
        }
        catch (UblkException exception) when (exception.Kind is not UblkErrorKind.Timeout)
        {
            // It has none yet, or is going.
            parameters = null;
        }

        return UblkDeviceStatus.Of(info, parameters);
    }

    private ExitCode Run(ParseResult parsed)
    {
        try
        {
            using var control = UblkControl.Open();
            Run(parsed, control);
            return ExitCode.Done;
        }
        catch (Exception exception) when (UblkProblems.Covers(exception))
        {
            throw UblkProblems.Of(exception);
        }
    }
}
