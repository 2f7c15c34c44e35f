using LibMultipath.Block;
using Microsoft.Win32.SafeHandles;

namespace LoopDriver;

/// <summary>An open file and what it said of itself when it was opened.</summary>
internal sealed class LoopFile : OpenDescriptor
{
    private LoopFile(SafeFileHandle handle)
        : base(handle)
    {
    }

    public required FileIdentity Identity { get; init; }

    /// <summary>Opens the file.</summary>
    /// <exception cref="BlockException">It cannot be used; the message says why, and what to do.</exception>
    public static unsafe LoopFile Open(LoopOptions options)
    {
        // Without O_NONBLOCK, opening a pipe would wait for somebody at its other end.
        int flags = Libc.CloseOnExec | Libc.NonBlock | (options.ReadOnly ? Libc.ReadOnly : Libc.ReadWrite) | (options.Direct ? Libc.Direct : 0);
        int descriptor = Libc.Open(options.File, flags, 0);
        if (descriptor < 0)
        {
            throw Libc.LastError == Libc.IsDirectory ? NotRegular(options, isDirectory: true) : CannotOpen(options, Libc.LastError);
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        try
        {
            byte noPath = 0;
            if (Libc.Statx(handle, &noPath, Libc.EmptyPath, Statx.Wanted, out Statx about) < 0)
            {
                throw new BlockException(Libc.LastError, $"{options.File} does not say what it is (statx)");
            }

            if (!about.IsRegular)
            {
                throw NotRegular(options, about.IsDirectory);
            }

            if (options.Direct && about.DeniesDirect)
            {
                throw CannotOpen(options, Errno.EINVAL);
            }

            return Describe(options, handle, about);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static LoopFile Describe(LoopOptions options, SafeFileHandle handle, in Statx about)
    {
        QueueLimits limits = LimitsOf(options, about);
        return about.Size % limits.LogicalBlockSize == 0
            ? new LoopFile(handle) { Identity = about.Identity, CapacitySectors = about.Size / QueueLimits.SectorSize, Limits = limits }
            : throw new BlockException(Errno.EINVAL,
                $"{options.File} has {about.Size} bytes, which is no multiple of the block of {limits.LogicalBlockSize} bytes; change its size with truncate");
    }

    private static BlockException NotRegular(LoopOptions options, bool isDirectory) =>
        new(Errno.EINVAL, $"{options.File} is {(isDirectory ? "a directory" : "not a regular file")}; name a regular file");

    private static BlockException CannotOpen(LoopOptions options, Errno error) => CannotOpen(options.File, error, options.ReadOnly, error switch
    {
        Errno.ENOENT => "it does not exist; create it, for instance with truncate -s 1G",
        Errno.EROFS => "its file system is read-only; open it read-only, or use another file",
        Errno.EINVAL when options.Direct => "its file system does not do direct I/O; do without, or use a file on another file system",
        _ => null,
    });

    // A write is in the page cache, or in the cache of the device below, until it is synchronised. Holes come in
    // blocks of the file system.
    private static QueueLimits LimitsOf(LoopOptions options, in Statx about)
    {
        int block = options.Direct ? Math.Max(QueueLimits.SectorSize, about.DirectOffsetAlignment) : QueueLimits.SectorSize;
        return new QueueLimits
        {
            LogicalBlockSize = block,
            DmaAlignment = options.Direct ? about.DirectMemoryAlignment - 1 : 0,
            MaxSegments = LoopIo.MaxSegments,
            MaxSegmentSize = 4 << 20,
            MaxDiscardSectors = MaxDiscardSectors,
            DiscardGranularity = Math.Max(block, about.Block),
            MaxWriteZeroesSectors = MaxWriteZeroesSectors,
            Features = QueueFeatures.WriteCache | QueueFeatures.Fua,
        };
    }
}
