using Microsoft.Extensions.Logging;

namespace Mpathd.Serving;

/// <summary>A logger that can be silenced: what a disk says while it is taken down on purpose is no news.</summary>
internal sealed class SwitchedLogger(ILogger logger) : ILogger
{
    private volatile bool _silent;

    /// <summary>Nothing is logged from now on.</summary>
    public void Silence() => _silent = true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => logger.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => !_silent && logger.IsEnabled(logLevel);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!_silent)
        {
            logger.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}
