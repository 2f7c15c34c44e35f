using System.Net.Sockets;
using System.Runtime.InteropServices;
using LibMultipath.Block;
using LibMultipath.RingBuffer;
using Mpathd.Control;
using Mpathd.Serving;

namespace Mpathd.Feeding;

/// <summary>Writes lines into the ring of a daemon, and tells what the daemon refuses.</summary>
internal sealed class Feed
{
    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(1);

    private readonly ControlClient _client;
    private readonly TextReader _input;
    private readonly TextWriter _errors;
    private readonly byte[] _record = new byte[Marshal.SizeOf<FeedRecord>()];
    private Dictionary<string, int> _paths = [];
    private long _malformed;

    /// <param name="client">The daemon.</param>
    /// <param name="input">Where lines come from.</param>
    /// <param name="errors">Where it is said what is wrong with them.</param>
    public Feed(ControlClient client, TextReader input, TextWriter errors)
    {
        _client = client;
        _input = input;
        _errors = TextWriter.Synchronized(errors);
    }

    /// <summary>Feeds until there are no more lines, or the daemon ends it.</summary>
    /// <param name="request">Asks for the ring.</param>
    /// <param name="cancellationToken">Ends it early; what was written is applied.</param>
    /// <returns>Whether every line was applied.</returns>
    /// <exception cref="MpathdException">There is no daemon, or it has ended the feed.</exception>
    public async Task<ExitCode> RunAsync(ControlRequest request, CancellationToken cancellationToken)
    {
        using ControlConversation conversation = await _client.BeginAsync(request, cancellationToken).ConfigureAwait(false);
        ControlChannel channel = conversation.Channel;
        await channel.SendAsync("\n"u8.ToArray(), cancellationToken).ConfigureAwait(false);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using UserRingProducer producer = await OpenAsync(channel.Socket).ConfigureAwait(false);

        // What is refused is told while lines are still to come; and when the daemon ends, nobody waits for room any more.
        Task<FeedReport?> reports = ReadReportsAsync(channel);
        Task feeding = FeedAsync(producer, end.Token);
        await Task.WhenAny(feeding, reports).ConfigureAwait(false);
        await end.CancelAsync().ConfigureAwait(false);
        try
        {
            await feeding.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return End(await reports.ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            // What was written is applied, and told if the daemon says so in time.
            Task<FeedReport?> last = FinishAsync();
            if (await Task.WhenAny(last, Task.Delay(s_lastWords, CancellationToken.None)).ConfigureAwait(false) == last)
            {
                End(await last.ConfigureAwait(false));
            }

            return ExitCode.Interrupted;
        }

        return End(await FinishAsync().ConfigureAwait(false));

        Task<FeedReport?> FinishAsync()
        {
            producer.Dispose();
            channel.Socket.Shutdown(SocketShutdown.Send);
            return reports;
        }
    }

    private static async Task<UserRingProducer> OpenAsync(Socket socket)
    {
        try
        {
            return await Task.Run(() =>
            {
                using UserRingDescriptors descriptors = UserRingDescriptors.Receive(socket);
                return UserRingProducer.Open(descriptors);
            }).ConfigureAwait(false);
        }
        catch (UserRingException exception)
        {
            throw MpathdException.Failed($"the ring of the daemon cannot be opened: {exception.Message}", "look with mpathd status", exception);
        }
    }

    private async Task FeedAsync(UserRingProducer producer, CancellationToken cancellationToken)
    {
        ulong number = 0;

        // Reading the standard input cannot be cancelled; waiting for it can.
        while (await Task.Run(_input.ReadLine, CancellationToken.None).WaitAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            number++;
            if (await ParseAsync(line, number, cancellationToken).ConfigureAwait(false) is { } record)
            {
                MemoryMarshal.Write(_record, record with { Tag = number });
                Errno error = await producer.WriteAsync(_record, Timeout.Infinite, cancellationToken).ConfigureAwait(false);
                if (error != Errno.None)
                {
                    throw MpathdException.Failed($"a record cannot be written: {error}", "look with mpathd status, and feed anew");
                }
            }
        }
    }

    private async Task<FeedRecord?> ParseAsync(string line, ulong number, CancellationToken cancellationToken)
    {
        try
        {
            string[] words = FeedText.WordsOf(line);
            if (words.Length > 1 && !_paths.ContainsKey(words[1]))
            {
                await LookForPathsAsync(cancellationToken).ConfigureAwait(false);
            }

            return FeedText.Parse(line, path => _paths.TryGetValue(path, out int found) ? found : null);
        }
        catch (FormatException exception)
        {
            Tell(number, exception.Message);
            _malformed++;
            return null;
        }
    }

    // Paths come and go; their numbers are never given again.
    private async Task LookForPathsAsync(CancellationToken cancellationToken)
    {
        ServiceStatus status = (await _client.AskAsync(new ControlRequest { Verb = ControlVerbs.Status }, cancellationToken).ConfigureAwait(false)).Status!;
        _paths = status.Paths.ToDictionary(path => path.Name, path => path.Number, StringComparer.Ordinal);
        foreach (PathStatus path in status.Paths)
        {
            _paths[path.Number.ToString(System.Globalization.CultureInfo.InvariantCulture)] = path.Number;
        }
    }

    /// <summary>Tells what is refused, until the last report; null if there was none.</summary>
    private async Task<FeedReport?> ReadReportsAsync(ControlChannel channel)
    {
        try
        {
            while (await channel.ReadLineAsync(CancellationToken.None).ConfigureAwait(false) is { } line && ControlJson.ParseReport(line) is { } report)
            {
                if (report.Tag is not { } tag)
                {
                    return report;
                }

                Tell(tag, report.Problem!);
            }
        }
        catch (Exception exception) when (exception is IOException or MpathdException)
        {
            return null;
        }

        return null;
    }

    private ExitCode End(FeedReport? last)
    {
        if (last is not { Applied: { } applied, Refused: { } refused, Problem: null })
        {
            throw MpathdException.Failed(last?.Problem ?? "the daemon has ended", "look with mpathd status, and feed anew");
        }

        refused += _malformed;
        _errors.WriteLine($"mpathd: {applied} applied, {refused} refused");
        return refused == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    private void Tell(ulong line, string problem) => _errors.WriteLine($"mpathd: line {line}: {problem}");
}
