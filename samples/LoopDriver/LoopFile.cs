using System.Runtime.InteropServices;
using LibMultipath.Block;
using Microsoft.Win32.SafeHandles;

namespace LoopDriver;

/// <summary>An open file and what it said of itself when it was opened.</summary>
internal sealed class LoopFile
{
    // What one call may keep the file busy with.
    private const int MaxDiscardSectors = 1 << 21;
    private const int MaxWriteZeroesSectors = 1 << 16;

    private LoopFile(LoopOptions options, SafeFileHandle handle, in Statx about)
    {
        Handle = handle;
        Identity = about.Identity;
        CapacitySectors = about.Size / QueueLimits.SectorSize;
        Limits = LimitsOf(options, about);
        if (about.Size % Limits.LogicalBlockSize != 0)
        {
            throw new BlockException(Errno.EINVAL,
                $"{options.File} has {about.Size} bytes, which is no multiple of the block of {Limits.LogicalBlockSize} bytes; change its size with truncate");
        }
    }

    /// <summary>The descriptor. It is this file's alone.</summary>
    public SafeFileHandle Handle { get; }

    public FileIdentity Identity { get; }

    public long CapacitySectors { get; }

    public QueueLimits Limits { get; }

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

            return new LoopFile(options, handle, about);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static BlockException NotRegular(LoopOptions options, bool isDirectory) =>
        new(Errno.EINVAL, $"{options.File} is {(isDirectory ? "a directory" : "not a regular file")}; name a regular file");

    private static BlockException CannotOpen(LoopOptions options, Errno error)
    {
        string why = error switch
        {
            Errno.ENOENT => "it does not exist; create it, for instance with truncate -s 1G",
            Errno.EACCES or Errno.EPERM => $"permission to {(options.ReadOnly ? "read" : "read and write")} it is missing; change its mode or owner, or be another user",
            Errno.EROFS => "its file system is read-only; open it read-only, or use another file",
            Errno.EINVAL when options.Direct => "its file system does not do direct I/O; do without, or use a file on another file system",
            Errno.EMFILE => "the process has too many descriptors open; raise the limit with ulimit -n or LimitNOFILE=",
            Errno.ENFILE => "the system has too many files open; raise fs.file-max",
            _ => Marshal.GetPInvokeErrorMessage((int)error),
        };
        return new BlockException(error, $"{options.File} cannot be opened: {why}");
    }

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
