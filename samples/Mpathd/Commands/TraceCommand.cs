using System.CommandLine;
using Mpathd.Control;
using Mpathd.Output;
using Mpathd.Runs;
using Mpathd.Tracing;

namespace Mpathd.Commands;

/// <summary><c>mpathd trace</c>.</summary>
internal sealed class TraceCommand : ControlCommand
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private readonly Option<string[]> _points = CliOptions.AnyNumber("--point", "POINT", ParsePoint,
        $"What is shown, once for each: {string.Join(", ", TracePoint.All.Select(point => point.Name))}, or {TracePoint.AllName}; those that not every I/O comes to unless it is given");

    private readonly Option<bool> _json = new("--json") { Description = "Print a line of JSON for each" };
    private readonly Option<int?> _count = CliOptions.Optional<int?>("--count", "N", text => CliOptions.ParseNumber(text, 1, int.MaxValue, 10), "End after so many");
    private readonly Interruption _interruption;

    public TraceCommand(Interruption interruption)
        : base("trace", "Shows what happens to I/O and paths of a disk that is served, as it happens", interruption)
    {
        _interruption = interruption;
        _points.CompletionSources.Add([.. TracePoint.All.Select(point => point.Name), TracePoint.AllName]);
        Add(_points);
        Add(_json);
        Add(_count);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("mpathd trace", "failovers, paths, policies: what is rare"),
        ("mpathd trace --point bio-remapped --count 100", "which paths the next 100 I/Os go to"),
        ("mpathd trace --point all --json | jq .point", "everything, for a program"),
    ];

    protected override ControlRequest RequestOf(ParseResult parsed) => new() { Verb = ControlVerbs.Trace, Points = parsed.GetValue(_points) };

    protected override ExitCode Run(ParseResult parsed)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(_interruption.Token);

        // Nothing may ever happen again, and nobody be there to see it.
        using var look = new Timer(
            _ =>
            {
                if (!CheckedOutput.HasReader)
                {
                    end.Cancel();
                }
            },
            null,
            s_interval,
            s_interval);
        return EndOf(ShowAsync(ClientOf(parsed), RequestOf(parsed), parsed.GetValue(_json), parsed.GetValue(_count) ?? int.MaxValue, end.Token));
    }

    private static async Task<ExitCode> ShowAsync(ControlClient client, ControlRequest request, bool json, int count, CancellationToken cancellationToken)
    {
        using ControlConversation trace = await client.BeginAsync(request, cancellationToken).ConfigureAwait(false);
        if (!json)
        {
            await Console.Error.WriteLineAsync($"mpathd: {trace.Answer.Message}").ConfigureAwait(false);
        }

        for (int shown = 0; shown < count;)
        {
            if (await NextAsync(trace.Channel, cancellationToken).ConfigureAwait(false) is not { } line)
            {
                await Console.Error.WriteLineAsync("mpathd: the daemon has ended").ConfigureAwait(false);
                return ExitCode.Done;
            }

            shown += line.Count is null ? 1 : 0;
            Console.Out.WriteLine(json ? ControlJson.Text(line) : TraceText.Of(line));
        }

        return ExitCode.Done;
    }

    private static async Task<TraceLine?> NextAsync(ControlChannel channel, CancellationToken cancellationToken)
    {
        try
        {
            return await channel.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line ? ControlJson.ParseTrace(line) : null;
        }
        catch (Exception exception) when (exception is IOException or MpathdException)
        {
            // It has ended in the middle of a line.
            return null;
        }
    }

    private static string ParsePoint(string text) => TracePoint.Find([text]) is [var point] ? point.Name : text;
}
