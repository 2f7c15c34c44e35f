namespace Mpathd.Control;

/// <summary>What a daemon has answered, and the connection on which it goes on. Disposing it ends that.</summary>
internal sealed class ControlConversation : IDisposable
{
    private readonly IDisposable _connection;

    public ControlConversation(ControlAnswer answer, ControlChannel channel, IDisposable connection)
    {
        Answer = answer;
        Channel = channel;
        _connection = connection;
    }

    /// <summary>The answer.</summary>
    public ControlAnswer Answer { get; }

    /// <summary>The connection.</summary>
    public ControlChannel Channel { get; }

    public void Dispose() => _connection.Dispose();
}
