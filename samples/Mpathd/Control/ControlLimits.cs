namespace Mpathd.Control;

/// <summary>What a client of the daemon may take, so that none can keep it from others.</summary>
internal sealed record ControlLimits
{
    /// <summary>The longest request, in bytes: a file's full name, every character escaped, and the rest.</summary>
    public int RequestBytes { get; init; } = 64 << 10;

    /// <summary>How many clients there may be at a time.</summary>
    public int Clients { get; init; } = 64;

    /// <summary>How long a client may take to send a whole line, from when one is waited for: much more than a machine stands still that is short of memory.</summary>
    public TimeSpan Read { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a client may take to accept the answer.</summary>
    public TimeSpan Write { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a change may take before its client is told that it goes on.</summary>
    public TimeSpan Change { get; init; } = TimeSpan.FromSeconds(30);
}
