using LibMultipath.IoUring.Loops;
using Microsoft.Extensions.Logging;

namespace LoopDriver;

/// <summary>How a path carries I/O out, whatever its descriptor leads to.</summary>
public abstract record DescriptorOptions
{
    /// <summary>How I/O is carried out; <see cref="DescriptorPath.Engine"/> says what it came to be.</summary>
    public LoopEngine Engine { get; init; }

    /// <summary>How many threads carry I/O out where threads do, so how many are inside the kernel at a time; at least 1.</summary>
    public int Workers { get; init; } = 4;

    /// <summary>How long an I/O is kept before it is carried out: makes a slow device. Zero unless set.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Whether it is only read.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Where the path logs; null for nowhere.</summary>
    public ILogger? Logger { get; init; }

    /// <summary>Makes the loop of a path's own thread.</summary>
    internal Func<RingLoop> MakeLoop { get; init; } = static () => new RingLoop();
}
