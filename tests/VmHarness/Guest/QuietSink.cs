using Xunit.Abstractions;

namespace VmHarness.Guest;

/// <summary>For xunit's diagnostic messages.</summary>
internal sealed class QuietSink : IMessageSink
{
    public bool OnMessage(IMessageSinkMessage message) => true;
}
