using System.Buffers;
using System.Runtime.InteropServices;
using LibMultipath.Block;
using Microsoft.Win32.SafeHandles;

namespace LoopDriver;

/// <summary>Carries bios out on a file, one at a time: the system calls and what they need. Each worker has its own.</summary>
internal sealed unsafe class LoopIo(DescriptorTarget target) : IDisposable
{
    /// <summary>The most segments that a bio may have.</summary>
    public const int MaxSegments = 64;

    private const int ZeroesSize = 64 * 1024;

    private readonly IoVector* _vectors = (IoVector*)NativeMemory.Alloc(MaxSegments, (nuint)sizeof(IoVector));
    private readonly MemoryHandle[] _pins = new MemoryHandle[MaxSegments];
    private byte* _zeroes;

    /// <summary>Carries an attempt out, and ends it; blocks until it is done.</summary>
    public void CarryOut(BioAttempt attempt, SafeFileHandle file)
    {
        var ending = new LoopEnding(target, attempt);
        BlockStatus status;
        try
        {
            status = CarryOut(file, attempt.Bio);
        }
        catch (ObjectDisposedException)
        {
            // The file was closed before a call that was needed.
            attempt.FailPath(BlockStatus.Transport);
            return;
        }

        ending.End(status);
    }

    public void Dispose()
    {
        NativeMemory.Free(_vectors);
        NativeMemory.AlignedFree(_zeroes);
    }

    private BlockStatus CarryOut(SafeFileHandle file, Bio bio)
    {
        long offset = bio.Sector * QueueLimits.SectorSize;
        return bio.Op switch
        {
            BioOp.Read or BioOp.Write => Transfer(file, bio, offset),
            BioOp.Flush => Call(file, BioOp.Flush, 0, 0, 0),
            BioOp.Discard => Call(file, BioOp.Discard, 0, offset, bio.Size),
            BioOp.WriteZeroes => WriteZeroes(file, bio, offset),
            _ => BlockStatus.NotSupported,
        };
    }

    /// <summary>One call, again as long as a signal ends it.</summary>
    private BlockStatus Call(SafeFileHandle file, BioOp op, int mode, long offset, long length)
    {
        while (true)
        {
            Errno error = op switch
            {
                BioOp.Flush => ErrorOf(Libc.Sync(file)),
                BioOp.Discard => target.Discard(file, offset, length),
                _ => ErrorOf(Libc.Allocate(file, mode, offset, length)),
            };
            if (error != Errno.EINTR)
            {
                return target.StatusOf(error);
            }
        }
    }

    private static Errno ErrorOf(int result) => result < 0 ? Libc.LastError : Errno.None;

    private BlockStatus WriteZeroes(SafeFileHandle file, Bio bio, long offset)
    {
        int mode = (bio.Flags & BioFlags.NoUnmap) != 0 ? Libc.ZeroRange : Libc.PunchHole;
        BlockStatus status = Call(file, BioOp.WriteZeroes, mode | Libc.KeepSize, offset, bio.Size);
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

                return target.StatusOf(Libc.LastError);
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
