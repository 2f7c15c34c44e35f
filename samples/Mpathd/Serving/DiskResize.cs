using BdevDriver;
using LibMultipath.Block;
using LoopDriver;
using Mpathd.Paths;

namespace Mpathd.Serving;

/// <summary>
/// Gives a disk another size. To grow, the file first, then the paths, then the head, so that nobody is promised what
/// is not there. To shrink, the paths are quiesced before: a write under way beyond the new end would make the file
/// longer again, and I/O that waits meanwhile is checked against the new size when it goes on.
/// </summary>
internal sealed class DiskResize
{
    private readonly PathGroup _group;
    private readonly PathSpec _kind;
    private readonly TimeSpan _drainLimit;

    /// <summary>Makes one for a group whose paths are all of one kind.</summary>
    /// <param name="group">It is changed by nobody else meanwhile.</param>
    /// <param name="kind">One of the paths.</param>
    /// <param name="drainLimit">How long I/O under way is waited for; ten seconds unless given.</param>
    public DiskResize(PathGroup group, PathSpec kind, TimeSpan? drainLimit = null)
    {
        _group = group;
        _kind = kind;
        _drainLimit = drainLimit ?? TimeSpan.FromSeconds(10);
    }

    /// <summary>Does it.</summary>
    /// <param name="bytes">How large.</param>
    /// <exception cref="MpathdException">It cannot be done; the size is what it was.</exception>
    public void To(long bytes)
    {
        EnsureSize(bytes);
        long sectors = bytes / QueueLimits.SectorSize;
        if (sectors >= _group.Head.CapacitySectors)
        {
            Change(sectors);
            return;
        }

        ManagedPath[] quiesced = [.. _group.Paths.Where(path => path.Device.IsLive)];
        try
        {
            Quiesce(quiesced);
            Change(sectors);
        }
        finally
        {
            foreach (ManagedPath path in quiesced)
            {
                path.Device.SetLive();
            }
        }
    }

    private void Change(long sectors)
    {
        ManagedPath[] paths = _group.Paths;
        foreach (BdevPath device in paths.Select(path => path.Device.Disk).OfType<BdevPath>())
        {
            // All of them, before any of them changes.
            BdevPathMaker.EnsureSize(device, sectors);
        }

        ResizeFile(paths, sectors);
        foreach (ManagedPath path in paths)
        {
            path.Resize(sectors);
        }

        _group.Head.Revalidate(sectors);
    }

    // A path of the head that does not work now can be restored all the same: it takes the size of the file.
    private static void ResizeFile(ManagedPath[] paths, long sectors)
    {
        if (paths.Select(path => path.Device.Disk).OfType<LoopPath>().FirstOrDefault() is not { } loop)
        {
            return;
        }

        try
        {
            loop.ResizeFile(sectors);
        }
        catch (BlockException exception)
        {
            throw MpathdException.SystemLacks(exception.Message, "see to it that the file is there, may be written and has room, and try again", exception);
        }
    }

    private void Quiesce(ManagedPath[] paths)
    {
        foreach (ManagedPath path in paths)
        {
            path.Device.SetDown();
        }

        if (!Task.WaitAll([.. paths.Select(path => path.Device.DrainAsync())], _drainLimit))
        {
            throw MpathdException.Failed(
                $"{paths.Sum(path => path.Device.InFlight)} I/Os have been under way for {_drainLimit.TotalSeconds:0} s, and the disk cannot shrink under them", "try again when the paths answer");
        }
    }

    private void EnsureSize(long bytes)
    {
        int block = _group.Head.Limits.LogicalBlockSize;
        if (bytes < NullPathSpec.MinSize || bytes > NullPathSpec.MaxSize || bytes % block != 0)
        {
            throw MpathdException.WrongArguments(
                $"a size of {SizeText.Format(bytes)} is out of range",
                $"give {SizeText.Format(NullPathSpec.MinSize)} to {SizeText.Format(NullPathSpec.MaxSize)}, a multiple of the disk's block of {block} bytes, such as 2G");
        }

        if (_kind is NbdPathSpec)
        {
            throw MpathdException.Failed("the size of the disk is that of its servers' exports, and NBD has no way to change it", "serve the disk anew when they have another size");
        }

        if (_group.Paths.Length == 0 && _kind is not NullPathSpec)
        {
            throw MpathdException.Failed("there is no path, and so no file or device whose size could be looked at", "add a path first");
        }
    }
}
