using System.CommandLine;
using System.CommandLine.Completions;
using Mpathd.Control;
using Mpathd.Serving;

namespace Mpathd.Commands;

/// <summary>PATH, of the verbs on paths.</summary>
internal static class PathArgument
{
    // Of a shell that waits for what could be typed.
    private static readonly TimeSpan s_completionLimit = TimeSpan.FromMilliseconds(500);

    /// <summary>Makes the argument. What a shell completes, the daemon is asked for.</summary>
    public static Argument<string> Make()
    {
        var argument = new Argument<string>("PATH") { HelpName = "PATH", Description = "The path: its number in order of addition, from 0, or its name" };
        argument.CompletionSources.Add(Names);
        return argument;
    }

    private static IEnumerable<CompletionItem> Names(CompletionContext context)
    {
        try
        {
            bool given = context.ParseResult.CommandResult.Command.Options.OfType<Option<string?>>().FirstOrDefault() is { } option
                && context.ParseResult.GetResult(option) is not null;
            string? control = given ? context.ParseResult.GetValue<string?>("--control") : null;
            var client = new ControlClient(control ?? ControlPaths.Default) { Limit = s_completionLimit };
            ServiceStatus? status = client.AskAsync(new ControlRequest { Verb = ControlVerbs.Status }).Result.Status;
            return [.. (status?.Paths ?? []).Select(path => new CompletionItem(path.Name))];
        }
        catch (Exception exception) when (exception is AggregateException { InnerException: MpathdException } or InvalidOperationException)
        {
            // No daemon, no names.
            return [];
        }
    }
}
