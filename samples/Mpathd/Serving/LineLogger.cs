using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Mpathd.Serving;

/// <summary>
/// Logs to the standard error, a line for each message, as systemd's journal reads it. Whoever logs never waits for
/// whoever reads: I/O may be what logs, and the reader may need the disk. Lines that find no room are left out.
/// </summary>
internal sealed class LineLogger : ILogger
{
    private const int MostWaiting = 1024;

    private readonly Channel<string> _lines = Channel.CreateBounded<string>(
        new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly TextWriter _output;

    /// <summary>Makes the logger, with its thread.</summary>
    public LineLogger(TextWriter output)
    {
        _output = output;
        new Thread(Write) { IsBackground = true, Name = "log" }.Start();
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            string reason = exception is null ? "" : $": {exception.GetType().Name}: {ForeignException.MessageOf(exception)}";
            _lines.Writer.TryWrite($"mpathd: {formatter(state, exception)}{reason}".ReplaceLineEndings(" "));
        }
    }

    private void Write()
    {
        while (_lines.Reader.WaitToReadAsync().AsTask().Result)
        {
            while (_lines.Reader.TryRead(out string? line))
            {
                _output.WriteLine(line);
            }
        }
    }
}
