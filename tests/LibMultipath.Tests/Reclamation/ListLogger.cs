using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace LibMultipath.Tests.Reclamation;

/// <summary>Keeps what was logged.</summary>
internal sealed class ListLogger : ILogger
{
    internal ConcurrentQueue<(int EventId, LogLevel Level, Exception? Exception)> Entries { get; } = new();

    internal int Count(int eventId) => Entries.Count(entry => entry.EventId == eventId);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
        => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        => Entries.Enqueue((eventId.Id, logLevel, exception));
}
