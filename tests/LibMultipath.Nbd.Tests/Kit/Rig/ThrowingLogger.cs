using Microsoft.Extensions.Logging;

namespace LibMultipath.Nbd.Tests.Kit.Rig;

/// <summary>Throws at messages of these ids, or at all if none is given.</summary>
internal sealed class ThrowingLogger(params int[] ids) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (ids.Length == 0 || ids.Contains(eventId.Id))
        {
            throw new InvalidOperationException("a fault of the logger");
        }
    }
}
