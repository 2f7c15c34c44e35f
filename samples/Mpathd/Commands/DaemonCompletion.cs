using System.CommandLine;
using System.CommandLine.Completions;
using Mpathd.Control;
using Mpathd.Serving;

namespace Mpathd.Commands;

/// <summary>What a shell completes with what the daemon has.</summary>
internal static class DaemonCompletion
{
    // Of a shell that waits for what could be typed. Most of it is this program's own start, on a machine that is busy.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    /// <summary>Asks the daemon that the command line names.</summary>
    /// <param name="context">What was typed.</param>
    /// <param name="request">For its status.</param>
    /// <returns>Null without a daemon that answers at once.</returns>
    public static ServiceStatus? StatusOf(CompletionContext context, ControlRequest request) => Ask(context, request)?.Status;

    /// <summary>Asks it for the selectors there are; none without a daemon that answers at once.</summary>
    /// <param name="context">What was typed.</param>
    public static IReadOnlyList<KnownSelector> SelectorsOf(CompletionContext context) =>
        Ask(context, new ControlRequest { Verb = ControlVerbs.SelectorList })?.Selectors ?? [];

    private static ControlAnswer? Ask(CompletionContext context, ControlRequest request)
    {
        try
        {
            bool given = context.ParseResult.CommandResult.Command.Options.OfType<Option<string?>>().FirstOrDefault() is { } option
                && context.ParseResult.GetResult(option) is not null;
            string? control = given ? context.ParseResult.GetValue<string?>("--control") : null;
            return new ControlClient(control ?? ControlPaths.Default) { Limit = s_limit }.AskAsync(request).Result;
        }
        catch (Exception exception) when (exception is AggregateException { InnerException: MpathdException } or InvalidOperationException)
        {
            return null;
        }
    }
}
