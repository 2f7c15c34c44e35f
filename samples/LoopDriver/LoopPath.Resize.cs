using LibMultipath.Block;

namespace LoopDriver;

// How the file, and the path with it, gets another size.
public sealed partial class LoopPath
{
    /// <summary>
    /// Cuts the file off, or extends it with a hole. The paths to it know nothing of it until each is told with
    /// <see cref="Resize"/>, and a head until it revalidates. A write that is under way beyond the new end makes the file
    /// longer again: who cuts it off first waits for those.
    /// </summary>
    /// <param name="capacitySectors">In sectors of 512 bytes; a multiple of the logical block.</param>
    /// <exception cref="BlockException">The file cannot be opened or given that size, or is not the one that it was.</exception>
    public void ResizeFile(long capacitySectors)
    {
        LoopFile file = LoopFile.Open(_options with { ReadOnly = false });
        using (file.Handle)
        {
            if (file.Identity != Identity)
            {
                throw new BlockException(Errno.ENXIO, $"{File} ({file.Identity}) is not the file that {Name} was opened for ({Identity}); put that one back");
            }

            try
            {
                RandomAccess.SetLength(file.Handle, capacitySectors * QueueLimits.SectorSize);
            }
            catch (IOException exception)
            {
                throw new BlockException(Errno.ENOSPC, $"{File} cannot be made {capacitySectors} sectors large: {exception.Message}");
            }
        }
    }

    /// <summary>
    /// Takes another capacity, because the file has another size now. A head hears of it when it revalidates. A path
    /// that has failed takes it too, and can be restored then.
    /// </summary>
    /// <param name="capacitySectors">In sectors of 512 bytes; a multiple of the logical block.</param>
    /// <exception cref="ArgumentException">It is negative or no multiple of the logical block.</exception>
    public void Resize(long capacitySectors) => SetCapacity(capacitySectors);
}
