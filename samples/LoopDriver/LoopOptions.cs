namespace LoopDriver;

/// <summary>How a loop path is.</summary>
public sealed record LoopOptions : DescriptorOptions
{
    /// <summary>The file: it exists, is a regular one, and its size, a multiple of the logical block, is the disk's.</summary>
    public required string File { get; init; }

    /// <summary>Whether I/O goes past the page cache (O_DIRECT). Memory must then be aligned as the limits say.</summary>
    public bool Direct { get; init; }
}
