using LibMultipath.Block;
using LibMultipath.Paths;
using Mpathd.Engine;
using Mpathd.Paths;

namespace Mpathd.Commands;

/// <summary>What <c>mpathd io</c> was given, and what of it does not go together.</summary>
internal sealed record IoArguments
{
    /// <summary>The largest block, in bytes.</summary>
    public const int MostBlockSize = 16 << 20;

    /// <summary>The most memory for I/O, in bytes.</summary>
    public const long MostMemory = 1L << 30;

    public required IReadOnlyList<PathSpec> Paths { get; init; }

    public required AccessPattern Pattern { get; init; }

    /// <summary>In bytes.</summary>
    public required int BlockSize { get; init; }

    public required int IoDepth { get; init; }

    public required int Seconds { get; init; }

    /// <summary>How much of the disk is used, in bytes; null for all of it.</summary>
    public required long? Size { get; init; }

    /// <summary>How large files are made that are not, in bytes; null to leave files alone.</summary>
    public required long? Create { get; init; }

    public required uint Seed { get; init; }

    public required bool Verify { get; init; }

    public required PathSelector Policy { get; init; }

    /// <summary>Whether the paths are only read.</summary>
    public bool ReadsOnly => Pattern is AccessPattern.Read or AccessPattern.RandRead;

    /// <summary>Checks what can be checked before anything is opened.</summary>
    /// <exception cref="MpathdException">Something does not go together.</exception>
    public void Check()
    {
        PathSpecs.EnsureOneDisk(Paths);
        if (Verify && ReadsOnly)
        {
            throw MpathdException.WrongArguments(
                $"--verify checks what this run wrote, and --rw {Pattern.ToString().ToLowerInvariant()} writes nothing",
                "leave --verify out, or give --rw write, randwrite or randrw");
        }

        if (Verify && Paths[0] is NullPathSpec)
        {
            throw MpathdException.WrongArguments(
                "--verify checks what this run wrote, and a null path keeps nothing", "leave --verify out, or give loop paths");
        }

        if (Create is not null && Paths[0] is not LoopPathSpec)
        {
            throw MpathdException.WrongArguments("--create makes files, and only a loop path has one", "leave --create out, or give loop paths");
        }

        if (Create is { } create && Size is { } size && size > create)
        {
            throw MpathdException.WrongArguments(
                $"--size {SizeText.Format(size)} is more than --create {SizeText.Format(create)} makes", "give --create at least the size that is used");
        }

        if ((long)BlockSize * IoDepth > MostMemory)
        {
            throw MpathdException.WrongArguments(
                $"--bs {SizeText.Format(BlockSize)} with --iodepth {IoDepth} takes {SizeText.Format((long)BlockSize * IoDepth)} of memory",
                $"keep the product of both within {SizeText.Format(MostMemory)}, such as --iodepth {MostMemory / BlockSize}");
        }
    }

    /// <summary>How many blocks of a disk are used.</summary>
    /// <param name="disk">It has its paths.</param>
    /// <exception cref="MpathdException">Block or size does not go with the disk.</exception>
    public long BlocksOf(BlockDevice disk)
    {
        int logical = disk.Limits.LogicalBlockSize;
        if (BlockSize % logical != 0)
        {
            throw MpathdException.WrongArguments(
                $"--bs {SizeText.Format(BlockSize)} is no multiple of the disk's logical block of {logical} bytes",
                $"give a multiple of {SizeText.Format(logical)} up to {SizeText.Format(MostBlockSize)}, such as --bs {SizeText.Format(logical)}");
        }

        long capacity = disk.CapacitySectors * QueueLimits.SectorSize;
        long size = Size ?? capacity / BlockSize * BlockSize;
        if (size < BlockSize || size > capacity || size % BlockSize != 0)
        {
            throw MpathdException.WrongArguments(
                $"--size {SizeText.Format(Size ?? capacity)} is out of range: the disk has {SizeText.Format(capacity)}, a block {SizeText.Format(BlockSize)}",
                capacity < BlockSize
                    ? $"give a smaller block, such as --bs {SizeText.Format(logical)}, or a larger disk"
                    : $"give {SizeText.Format(BlockSize)} to {SizeText.Format(capacity / BlockSize * BlockSize)}, a multiple of --bs");
        }

        long blocks = size / BlockSize;
        return !Verify || blocks <= WorkloadEngine.MostVerifiedBlocks
            ? blocks
            : throw MpathdException.WrongArguments(
                $"--verify keeps a few bytes for each block, and {SizeText.Format(size)} has {blocks} blocks of {SizeText.Format(BlockSize)}",
                $"keep within {WorkloadEngine.MostVerifiedBlocks} blocks: a larger --bs, or --size {SizeText.Format(WorkloadEngine.MostVerifiedBlocks * BlockSize)}");
    }
}
