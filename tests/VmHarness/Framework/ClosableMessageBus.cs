using Xunit.Abstractions;
using Xunit.Sdk;

namespace VmHarness.Framework;

/// <summary>Passes messages on until it is closed; what a test that was left behind still says is dropped.</summary>
internal sealed class ClosableMessageBus(IMessageBus bus) : IMessageBus
{
    private readonly Lock _lock = new();
    private ITest? _current;
    private bool _closed;

    /// <summary>Returns the test that had started and not finished.</summary>
    public ITest? Close()
    {
        lock (_lock)
        {
            _closed = true;
            return _current;
        }
    }

    public bool QueueMessage(IMessageSinkMessage message)
    {
        lock (_lock)
        {
            if (_closed)
            {
                return false;
            }

            _current = message switch
            {
                ITestStarting starting => starting.Test,
                ITestFinished => null,
                _ => _current,
            };
            return bus.QueueMessage(message);
        }
    }

    public void Dispose()
    {
        // The bus below belongs to whoever made it.
    }
}
