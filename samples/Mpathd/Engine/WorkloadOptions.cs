namespace Mpathd.Engine;

/// <summary>What an engine does to a disk.</summary>
internal sealed record WorkloadOptions
{
    public required AccessPattern Pattern { get; init; }

    /// <summary>In bytes; a multiple of the disk's logical block.</summary>
    public required int BlockSize { get; init; }

    /// <summary>How many blocks, from the start of the disk, are used.</summary>
    public required long Blocks { get; init; }

    /// <summary>How many I/Os are in flight at most.</summary>
    public required int Depth { get; init; }

    /// <summary>Where every sequence of the run comes from.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The largest random I/O, in blocks.</summary>
    public int MaxBlocksPerIo { get; init; } = 1;

    /// <summary>One I/O in so many is a flush; 0 for none.</summary>
    public int FlushOnceIn { get; init; }

    /// <summary>One write in so many goes past the volatile cache; 0 for none.</summary>
    public int FuaOnceIn { get; init; }

    /// <summary>Whether every block carries its address, a version and a checksum, and is looked at when it is read.</summary>
    public bool Verify { get; init; }

    /// <summary>Whether blocks that were never written hold zeroes.</summary>
    public bool Zeroed { get; init; }

    /// <summary>How many threads submit; each has a region of its own. Sequential patterns have one.</summary>
    public int Lanes { get; init; } = Math.Clamp(Environment.ProcessorCount, 2, 4);
}
