using System.CommandLine;
using Mpathd.Control;
using Mpathd.Runs;

namespace Mpathd.Commands;

/// <summary>A verb that asks a daemon for something, and says what it has answered.</summary>
internal abstract class ControlCommand : Command, IHasExamples
{
    private readonly Option<string?> _control = CliOptions.Control();
    private readonly Interruption _interruption;

    protected ControlCommand(string name, string description, Interruption interruption)
        : base(name, description)
    {
        _interruption = interruption;
        Add(_control);
        SetAction(parsed => (int)Run(parsed));
    }

    public abstract IReadOnlyList<(string Line, string Does)> Examples { get; }

    /// <summary>The daemon that was meant.</summary>
    protected ControlClient ClientOf(ParseResult parsed) => new(parsed.GetValue(_control) ?? ControlPaths.Default);

    /// <summary>What is asked for.</summary>
    protected abstract ControlRequest RequestOf(ParseResult parsed);

    /// <summary>Does it.</summary>
    protected virtual ExitCode Run(ParseResult parsed)
    {
        if (Ask(ClientOf(parsed), RequestOf(parsed)) is not { } answer)
        {
            return ExitCode.Interrupted;
        }

        Console.Out.WriteLine(answer.Message);
        return ExitCode.Done;
    }

    /// <summary>Waits for what goes on after the answer; it is cancelled when the process is interrupted.</summary>
    protected static ExitCode EndOf(Task<ExitCode> conversation)
    {
        try
        {
            return conversation.GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
    }

    /// <summary>Asks and waits; null if it was interrupted. What was asked for may be done all the same.</summary>
    protected ControlAnswer? Ask(ControlClient client, ControlRequest request)
    {
        using var cancellation = new CancellationTokenSource();
        Task<ControlAnswer> ask = client.AskAsync(request, cancellation.Token);
        if (WaitHandle.WaitAny([((IAsyncResult)ask).AsyncWaitHandle, _interruption.Requested]) == 1)
        {
            cancellation.Cancel();
            return null;
        }

        try
        {
            return ask.Result;
        }
        catch (AggregateException exception) when (exception.InnerException is MpathdException inner)
        {
            throw inner;
        }
    }
}
