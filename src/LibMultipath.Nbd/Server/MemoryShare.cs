namespace LibMultipath.Nbd.Server;

/// <summary>What one connection has of a <see cref="MemoryBudget"/>, and what it waits for.</summary>
/// <param name="granted">Is signalled when what it waits for has become its own.</param>
internal sealed class MemoryShare(AsyncSignal granted)
{
    /// <summary>In bytes. The budget's, under its lock, as the others are.</summary>
    public long Used { get; set; }

    /// <summary>What is waited for, in bytes; 0 for nothing.</summary>
    public long Wanted { get; set; }

    /// <summary>Is signalled when what it waits for has become its own.</summary>
    public AsyncSignal Granted => granted;
}
