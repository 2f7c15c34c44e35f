using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace LibMultipath.Tests.Block;

/// <summary>Keeps the event ids and texts that were logged.</summary>
internal sealed class LogRecorder : ILogger
{
    private readonly ConcurrentQueue<(int Id, LogLevel Level, string Text, Exception? Exception)> _entries = new();

    public IReadOnlyCollection<(int Id, LogLevel Level, string Text, Exception? Exception)> Entries => _entries;

    public int Count(int id) => _entries.Count(entry => entry.Id == id);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _entries.Enqueue((eventId.Id, logLevel, formatter(state, exception), exception));
}
