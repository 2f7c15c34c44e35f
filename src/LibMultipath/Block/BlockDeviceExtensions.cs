using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LibMultipath.Block;

/// <summary>
/// I/O in one line, for those who need no bio of their own. The bio and the task come from pools, so nothing is
/// allocated in steady state when the task is awaited once.
/// </summary>
public static class BlockDeviceExtensions
{
    /// <summary>Reads.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="sector">Where to begin, in units of 512 bytes.</param>
    /// <param name="buffer">What to fill: a multiple of the logical block. Not to be touched until the task has completed.</param>
    /// <param name="flags">What is asked for beside it.</param>
    /// <param name="cancellationToken">As for <see cref="BlockDevice.SubmitAsync"/>.</param>
    public static ValueTask<BlockStatus> ReadAsync(this BlockDevice disk, long sector, Memory<byte> buffer, BioFlags flags = BioFlags.None, CancellationToken cancellationToken = default) =>
        RunAsync(disk, Bio.Rent(BioOp.Read, sector, buffer, flags), cancellationToken);

    /// <summary>Writes.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="sector">Where to begin, in units of 512 bytes.</param>
    /// <param name="data">What to write: a multiple of the logical block. Not to be changed until the task has completed.</param>
    /// <param name="flags">What is asked for beside it, such as <see cref="BioFlags.Fua"/>.</param>
    /// <param name="cancellationToken">As for <see cref="BlockDevice.SubmitAsync"/>.</param>
    public static ValueTask<BlockStatus> WriteAsync(this BlockDevice disk, long sector, ReadOnlyMemory<byte> data, BioFlags flags = BioFlags.None, CancellationToken cancellationToken = default) =>
        RunAsync(disk, Bio.Rent(BioOp.Write, sector, MemoryMarshal.AsMemory(data), flags), cancellationToken);

    /// <summary>Makes everything that was completed before durable.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="cancellationToken">As for <see cref="BlockDevice.SubmitAsync"/>.</param>
    public static ValueTask<BlockStatus> FlushAsync(this BlockDevice disk, CancellationToken cancellationToken = default) =>
        RunAsync(disk, Bio.Rent(BioOp.Flush), cancellationToken);

    /// <summary>Tells the disk that sectors are no longer needed.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="sector">Where to begin, in units of 512 bytes.</param>
    /// <param name="bytes">How much, a multiple of the logical block.</param>
    /// <param name="cancellationToken">As for <see cref="BlockDevice.SubmitAsync"/>.</param>
    public static ValueTask<BlockStatus> DiscardAsync(this BlockDevice disk, long sector, long bytes, CancellationToken cancellationToken = default) =>
        RunAsync(disk, Bio.Rent(BioOp.Discard, sector, bytes), cancellationToken);

    /// <summary>Makes sectors read as zeroes.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="sector">Where to begin, in units of 512 bytes.</param>
    /// <param name="bytes">How much, a multiple of the logical block.</param>
    /// <param name="flags">What is asked for beside it, such as <see cref="BioFlags.NoUnmap"/>.</param>
    /// <param name="cancellationToken">As for <see cref="BlockDevice.SubmitAsync"/>.</param>
    public static ValueTask<BlockStatus> WriteZeroesAsync(this BlockDevice disk, long sector, long bytes, BioFlags flags = BioFlags.None, CancellationToken cancellationToken = default) =>
        RunAsync(disk, Bio.Rent(BioOp.WriteZeroes, sector, bytes, flags), cancellationToken);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<BlockStatus> RunAsync(BlockDevice disk, Bio bio, CancellationToken cancellationToken)
    {
        // The task completes only when the bio has ended, cancelled or not, so it can be given back in any case.
        using (bio)
        {
            return await disk.SubmitAsync(bio, cancellationToken).ConfigureAwait(false);
        }
    }
}
