using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Mpathd.Control;

/// <summary>One client of the control socket: its requests are answered one after the other.</summary>
internal sealed class ControlConnection : IDisposable
{
    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly IControlHandler _handler;
    private readonly ControlLimits _limits;
    private readonly ILogger _logger;

    /// <summary>Takes a client over.</summary>
    public ControlConnection(Socket socket, IControlHandler handler, ControlLimits limits, ILogger logger)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
        _handler = handler;
        _limits = limits;
        _logger = logger;
    }

    /// <summary>Answers until the client goes, is too slow, or sends what is no line; or, between two requests, until it is stopped.</summary>
    public async Task ServeAsync(CancellationToken stop)
    {
        if (!PeerCredentials.Of(_socket).MayControl)
        {
            await AnswerAsync(ControlAnswer.Refused(MpathdException.SystemLacks(
                "the daemon belongs to another user", "be that user, or root"))).ConfigureAwait(false);
            return;
        }

        var lines = new LineReader(_stream, _limits.RequestBytes);
        while (await ReadAsync(lines, stop).ConfigureAwait(false) is { } answer)
        {
            ControlAnswer given = await answer.ConfigureAwait(false);
            bool isThere = await AnswerAsync(given).ConfigureAwait(false);
            if (given.Session is { } session)
            {
                await RunAsync(session, lines, isThere, stop).ConfigureAwait(false);
                return;
            }

            if (!isThere)
            {
                return;
            }
        }
    }

    /// <summary>Says that there are too many.</summary>
    public Task TurnAwayAsync() => AnswerAsync(ControlAnswer.Refused(MpathdException.Failed(
        $"the daemon has {_limits.Clients} clients already", "try again later")));

    public void Dispose() => _stream.Dispose();

    private async Task RunAsync(IControlSession session, LineReader lines, bool isThere, CancellationToken stop)
    {
        await using (session.ConfigureAwait(false))
        {
            try
            {
                if (isThere)
                {
                    await session.RunAsync(new ControlChannel(_socket, _stream, lines), stop).ConfigureAwait(false);
                }
            }
            catch (Exception exception) when (exception is OperationCanceledException or IOException or MpathdException)
            {
                return;
            }
        }
    }

    /// <summary>Reads a request and begins to carry it out; null if there is none.</summary>
    private async Task<Task<ControlAnswer>?> ReadAsync(LineReader lines, CancellationToken stop)
    {
        byte[]? line;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(_limits.Read);
        try
        {
            line = await lines.ReadAsync(limit.Token).ConfigureAwait(false);
        }
        catch (MpathdException exception)
        {
            // What follows cannot be told from what came before.
            await AnswerAsync(ControlAnswer.Refused(exception)).ConfigureAwait(false);
            return null;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            await AnswerAsync(ControlAnswer.Refused(MpathdException.Failed(
                $"no whole request came within {_limits.Read.TotalSeconds} s", "connect again, and send one at once"))).ConfigureAwait(false);
            return null;
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            return null;
        }

        return line is null ? null : HandleAsync(line);
    }

    private async Task<ControlAnswer> HandleAsync(byte[] line)
    {
        try
        {
            ControlRequest request = ControlJson.ParseRequest(line);
            return request.Version == ControlRequest.CurrentVersion
                ? await _handler.HandleAsync(request).ConfigureAwait(false)
                : throw MpathdException.WrongArguments(
                    $"the request is of version {request.Version}, the daemon speaks {ControlRequest.CurrentVersion}", "use the mpathd that the daemon was started with");
        }
        catch (MpathdException exception)
        {
            return ControlAnswer.Refused(exception);
        }
        catch (Exception exception)
        {
            _logger.LogError(exception, "a request was not carried out");
            return ControlAnswer.Refused(MpathdException.Failed($"the daemon made a mistake: {ForeignException.MessageOf(exception)}", "see what it has logged", exception));
        }
    }

    /// <summary>Sends an answer; false if the client is gone, or too slow to take it.</summary>
    private async Task<bool> AnswerAsync(ControlAnswer answer)
    {
        // The time is the client's: what the daemon itself takes, on a slow machine for the first answer, does not count.
        byte[] line = ControlJson.Line(answer);
        using var limit = new CancellationTokenSource(_limits.Write);
        try
        {
            await _stream.WriteAsync(line, limit.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            return false;
        }
    }
}
