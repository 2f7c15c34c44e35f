using System.CommandLine;
using Mpathd.Control;

namespace Mpathd.Commands;

/// <summary>NAME, of the verbs on attributes.</summary>
internal static class AttributeArgument
{
    /// <summary>Makes the argument. What a shell completes, the daemon is asked for.</summary>
    /// <param name="description">What it is.</param>
    /// <param name="writable">Whether only what can be set is completed.</param>
    public static Argument<string> Make(string description, bool writable)
    {
        var argument = new Argument<string>("NAME") { HelpName = "NAME", Description = description };
        argument.CompletionSources.Add(context =>
            (DaemonCompletion.StatusOf(context, new ControlRequest { Verb = ControlVerbs.Status, Tree = true })?.Attributes ?? [])
                .Where(attribute => attribute.Link is null && (attribute.Writable || !writable))
                .Select(attribute => attribute.Name));
        return argument;
    }
}
