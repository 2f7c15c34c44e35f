namespace LibMultipath.Paths;

/// <summary>One call of a driver that is to connect. The fields are under the lock of its recovery; the token is for the driver.</summary>
internal sealed class ConnectAttempt
{
    private readonly CancellationTokenSource _cancellation = new();

    public CancellationToken Token => _cancellation.Token;

    /// <summary>Why what it has made is worth nothing: the connection was lost again before the call returned.</summary>
    public string? LostMeanwhile { get; set; }

    /// <summary>Runs what the driver has registered for it. Not under a lock.</summary>
    /// <exception cref="AggregateException">The driver threw.</exception>
    public void Cancel() => _cancellation.Cancel();
}
