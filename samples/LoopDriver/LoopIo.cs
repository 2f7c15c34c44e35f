using System.Buffers;
using System.Runtime.InteropServices;
using LibMultipath.Block;
using Microsoft.Win32.SafeHandles;

namespace LoopDriver;

/// <summary>Carries bios out on a file, one at a time: the system calls and what they need. Each worker has its own.</summary>
internal sealed unsafe class LoopIo : IDisposable
{
    /// <summary>The most segments that a bio may have.</summary>
    public const int MaxSegments = 64;

    private const int ZeroesSize = 64 * 1024;

    private readonly IoVector* _vectors = (IoVector*)NativeMemory.Alloc(MaxSegments, (nuint)sizeof(IoVector));
    private readonly MemoryHandle[] _pins = new MemoryHandle[MaxSegments];
    private byte* _zeroes;

    private static BlockStatus LastStatus => BlockStatusExtensions.FromErrno((int)Libc.LastError);

    /// <summary>Carries a bio out; blocks until it is done.</summary>
    /// <exception cref="ObjectDisposedException">The file was closed before a call that it needed.</exception>
    public BlockStatus CarryOut(SafeFileHandle file, Bio bio)
    {
        long offset = bio.Sector * QueueLimits.SectorSize;
        return bio.Op switch
        {
            BioOp.Read or BioOp.Write => Transfer(file, bio, offset),
            BioOp.Flush => Flush(file),
            BioOp.Discard => Allocate(file, Libc.PunchHole, offset, bio.Size),
            BioOp.WriteZeroes => WriteZeroes(file, bio, offset),
            _ => BlockStatus.NotSupported,
        };
    }

    public void Dispose()
    {
        NativeMemory.Free(_vectors);
        NativeMemory.AlignedFree(_zeroes);
    }

    private static BlockStatus Flush(SafeFileHandle file)
    {
        while (Libc.Sync(file) < 0)
        {
            if (Libc.LastError != Errno.EINTR)
            {
                return LastStatus;
            }
        }

        return BlockStatus.Ok;
    }

    private static BlockStatus Allocate(SafeFileHandle file, int mode, long offset, long length)
    {
        while (Libc.Allocate(file, mode | Libc.KeepSize, offset, length) < 0)
        {
            if (Libc.LastError != Errno.EINTR)
            {
                return LastStatus;
            }
        }

        return BlockStatus.Ok;
    }

    private BlockStatus WriteZeroes(SafeFileHandle file, Bio bio, long offset)
    {
        int mode = (bio.Flags & BioFlags.NoUnmap) != 0 ? Libc.ZeroRange : Libc.PunchHole;
        BlockStatus status = Allocate(file, mode, offset, bio.Size);
        if (status != BlockStatus.NotSupported)
        {
            return status;
        }

        // The file system knows no such thing: zeroes are data like any other.
        if (_zeroes is null)
        {
            _zeroes = (byte*)NativeMemory.AlignedAlloc(ZeroesSize, 4096);
            NativeMemory.Clear(_zeroes, ZeroesSize);
        }

        status = BlockStatus.Ok;
        for (long done = 0; done < bio.Size && status == BlockStatus.Ok; done += ZeroesSize)
        {
            long bytes = Math.Min(ZeroesSize, bio.Size - done);
            _vectors[0] = new IoVector { Start = _zeroes, Length = (nint)bytes };
            status = Transfer(file, write: true, count: 1, offset + done, bytes, flags: 0);
        }

        return status;
    }

    private BlockStatus Transfer(SafeFileHandle file, Bio bio, long offset)
    {
        ReadOnlySpan<BioSegment> segments = bio.Segments;
        int pinned = 0;
        try
        {
            for (; pinned < segments.Length; pinned++)
            {
                ref readonly BioSegment segment = ref segments[pinned];
                _pins[pinned] = segment.Memory.Pin();
                _vectors[pinned] = new IoVector
                {
                    Start = segment.IsNative ? (byte*)segment.Address : (byte*)_pins[pinned].Pointer,
                    Length = segment.Length,
                };
            }

            int flags = (bio.Flags & BioFlags.Fua) != 0 ? Libc.DataSync : 0;
            return Transfer(file, bio.Op == BioOp.Write, segments.Length, offset, bio.Size, flags);
        }
        finally
        {
            while (pinned > 0)
            {
                _pins[--pinned].Dispose();
            }
        }
    }

    /// <summary>Reads into or writes from the vectors, in as many calls as the kernel wants.</summary>
    private BlockStatus Transfer(SafeFileHandle file, bool write, int count, long offset, long bytes, int flags)
    {
        IoVector* vector = _vectors;
        IoVector* end = _vectors + count;
        while (bytes > 0)
        {
            nint done = write
                ? Libc.Write(file, vector, (int)(end - vector), offset, flags)
                : Libc.Read(file, vector, (int)(end - vector), offset, flags);
            if (done < 0)
            {
                if (Libc.LastError == Errno.EINTR)
                {
                    continue;
                }

                return LastStatus;
            }

            if (done == 0)
            {
                // Somebody made the file shorter: what is missing is lost, on every path, and must not pass for zeroes.
                return BlockStatus.Medium;
            }

            offset += done;
            bytes -= done;
            vector = IoVector.Skip(vector, end, done);
        }

        return BlockStatus.Ok;
    }
}
