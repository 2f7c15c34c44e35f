using LibMultipath.Paths;

namespace LibMultipath.Passthrough;

/// <summary>A command to the character device that completes later (<c>struct io_uring_cmd</c>). Used once.</summary>
/// <param name="code">What is asked for (<c>cmd_op</c>).</param>
/// <param name="payload">The command itself; its meaning is the driver's. Not touched until it has completed.</param>
public sealed class MpathCharCommand(uint code, ReadOnlyMemory<byte> payload)
{
    private MpathDevice? _path;
    private int _sent;

    /// <summary>What is asked for (<c>cmd_op</c>).</summary>
    public uint Code => code;

    /// <summary>The command itself.</summary>
    public ReadOnlyMemory<byte> Payload => payload;

    /// <summary>Something of the driver's.</summary>
    public object? DriverData { get; set; }

    /// <summary>The path that has the command now; null before and after.</summary>
    internal MpathDevice? Path
    {
        get => Volatile.Read(ref _path);
        set => Volatile.Write(ref _path, value);
    }

    /// <summary>True for the first who sends it.</summary>
    internal bool TrySend() => Interlocked.Exchange(ref _sent, 1) == 0;
}
