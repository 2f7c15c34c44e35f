using LibMultipath.IoUring.Loops;

namespace LoopDriver;

/// <summary>How a loop path is.</summary>
public sealed record LoopOptions
{
    /// <summary>The file: it exists, is a regular one, and its size, a multiple of the logical block, is the disk's.</summary>
    public required string File { get; init; }

    /// <summary>Whether I/O goes past the page cache (O_DIRECT). Memory must then be aligned as the limits say.</summary>
    public bool Direct { get; init; }

    /// <summary>How I/O is carried out; <see cref="LoopPath.Engine"/> says what it came to be.</summary>
    public LoopEngine Engine { get; init; }

    /// <summary>How many threads carry I/O out where threads do, so how many are inside the kernel at a time; at least 1.</summary>
    public int Workers { get; init; } = 4;

    /// <summary>How long an I/O is kept before it is carried out: makes a slow device. Zero unless set.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Whether the file is only read.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Makes the loop of a path's own thread.</summary>
    internal Func<RingLoop> MakeLoop { get; init; } = static () => new RingLoop();
}
