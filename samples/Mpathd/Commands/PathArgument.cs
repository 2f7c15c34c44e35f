using System.CommandLine;
using Mpathd.Control;

namespace Mpathd.Commands;

/// <summary>PATH, of the verbs on paths.</summary>
internal static class PathArgument
{
    /// <summary>Makes the argument. What a shell completes, the daemon is asked for.</summary>
    public static Argument<string> Make()
    {
        var argument = new Argument<string>("PATH") { HelpName = "PATH", Description = "The path: its number in order of addition, from 0, or its name" };
        argument.CompletionSources.Add(context =>
            (DaemonCompletion.StatusOf(context, new ControlRequest { Verb = ControlVerbs.Status })?.Paths ?? []).Select(path => path.Name));
        return argument;
    }
}
