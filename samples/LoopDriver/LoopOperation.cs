using System.Buffers;
using System.Runtime.InteropServices;
using LibMultipath.Block;
using LibMultipath.IoUring;
using LibMultipath.IoUring.Abi;
using LibMultipath.IoUring.Loops;
using Microsoft.Win32.SafeHandles;

namespace LoopDriver;

/// <summary>
/// Carries a bio out on a ring, in as many submissions as the kernel wants. From <see cref="Begin"/> to the end of the
/// attempt it holds the file and pins the memory. The loop's thread.
/// </summary>
/// <remarks>
/// A write through the page cache that has to be durable is a write and then a sync of its range, which is what the
/// kernel makes of RWF_DSYNC: the kernel does the buffered writes of a file on a ring one after the other, and none of
/// them should wait for the sync of another, nor a thread that submits for any. Direct I/O has no such queue.
/// </remarks>
internal sealed unsafe class LoopOperation(LoopLane lane) : RingOperation
{
    private const uint ZeroesSize = 64 * 1024;

    private static readonly byte* s_zeroes = MakeZeroes();

    private MemoryHandle[] _pins = new MemoryHandle[1];
    private IoVector[] _vectors = GC.AllocateUninitializedArray<IoVector>(1, pinned: true);
    private SafeFileHandle _file = null!;
    private LoopSlot? _slot;
    private LoopEnding _ending;
    private BioOp _op;
    private int _mode;
    private RingBuffer? _registered;
    private int _registeredOffset;
    private int _pinned;
    private int _first;
    private int _count;
    private long _offset;
    private long _left;
    private bool _dataSync;
    private bool _syncing;
    private bool _zeroing;
    private bool _async;
    private bool _aborted;

    /// <summary>What it carries out.</summary>
    public BioAttempt Attempt { get; private set; }

    /// <summary>Begins. An exception leaves nothing under way, and everything let go.</summary>
    /// <param name="attempt">What to carry out.</param>
    /// <param name="file">Held by the caller for this operation, which lets it go.</param>
    public void Begin(BioAttempt attempt, SafeFileHandle file)
    {
        Bio bio = attempt.Bio;
        Attempt = attempt;
        _ending = new LoopEnding(lane.Target, attempt);
        _file = file;
        _op = bio.Op;
        _offset = bio.Sector * QueueLimits.SectorSize;
        _left = bio.Size;
        _dataSync = _op == BioOp.Write && (bio.Flags & BioFlags.Fua) != 0;
        _syncing = _zeroing = _aborted = false;
        _async = _op != BioOp.Read && lane.Target.WritesMayWait;
        try
        {
            switch (_op)
            {
                case BioOp.Read or BioOp.Write when (bio.Flags & BioFlags.Registered) != 0:
                    if (!TryUseRegistered(bio.Segments))
                    {
                        End(BlockStatus.NotSupported);
                        return;
                    }

                    break;
                case BioOp.Read or BioOp.Write when _left > 0:
                    Pin(bio.Segments);
                    break;
                case BioOp.Read or BioOp.Write:
                    End(BlockStatus.Ok);
                    return;
                case BioOp.Discard when !lane.Target.DiscardsOnRing:
                case >= BioOp.ZoneOpen:
                    LeaveToHelper();
                    return;
                case BioOp.WriteZeroes:
                    _mode = ((bio.Flags & BioFlags.NoUnmap) != 0 ? Libc.ZeroRange : Libc.PunchHole) | Libc.KeepSize;
                    break;
                case BioOp.Flush or BioOp.Discard:
                    break;
                default:
                    End(BlockStatus.NotSupported);
                    return;
            }

            _slot = lane.Use(file);
            Submit();
        }
        catch
        {
            LetGo();
            throw;
        }
    }

    /// <summary>Asks the kernel for it.</summary>
    public void Abort()
    {
        _aborted = true;
        try
        {
            lane.Loop.Cancel(this);
        }
        catch (RingException exception) when (exception.Errno == Errno.EBUSY)
        {
            // The ring has no room to ask: it ends as it ends.
        }
    }

    protected override void Completed(int result, CqeFlags flags)
    {
        switch ((Errno)(-result))
        {
            case Errno.ECANCELED:
                FailPath();
                return;
            case Errno.EINTR:
                GoOn();
                return;
            case Errno.EAGAIN when !_async:
                // It cannot be done without waiting, and nobody said so in time: a worker of the kernel waits.
                _async = true;
                GoOn();
                return;
        }

        if (!_syncing && (_op is BioOp.Read or BioOp.Write || _zeroing))
        {
            Transferred(result);
        }
        else if (_op == BioOp.Discard && result < 0 && lane.Target.LeavesDiscardToThread((Errno)(-result)))
        {
            LeaveToHelper();
        }
        else if (_op == BioOp.WriteZeroes && StatusOf(result) == BlockStatus.NotSupported)
        {
            // The file system knows no such thing: zeroes are data like any other.
            _zeroing = true;
            GoOn();
        }
        else
        {
            End(StatusOf(result));
        }
    }

    private static byte* MakeZeroes()
    {
        byte* zeroes = (byte*)NativeMemory.AlignedAlloc(ZeroesSize, 4096);
        NativeMemory.Clear(zeroes, ZeroesSize);
        return zeroes;
    }

    private void Transferred(int result)
    {
        if (result <= 0)
        {
            // Nothing: somebody made the file shorter: what is missing is lost, on every path, and must not pass for
            // zeroes.
            End(result == 0 ? BlockStatus.Medium : StatusOf(result));
            return;
        }

        _offset += result;
        _left -= result;
        if (_left == 0)
        {
            if (_dataSync && !lane.Target.IsDirect)
            {
                _syncing = true;
                GoOn();
            }
            else
            {
                End(BlockStatus.Ok);
            }

            return;
        }

        if (_registered is not null)
        {
            _registeredOffset += result;
        }
        else if (!_zeroing)
        {
            fixed (IoVector* vectors = _vectors)
            {
                _first = (int)(IoVector.Skip(vectors + _first, vectors + _count, result) - vectors);
            }
        }

        GoOn();
    }

    private void GoOn()
    {
        // With a descriptor that was closed nothing begins any more.
        if (_aborted || _file.IsClosed)
        {
            FailPath();
            return;
        }

        try
        {
            Submit();
        }
        catch (RingException)
        {
            FailPath();
        }
    }

    private void Submit()
    {
        ref io_uring_sqe sqe = ref lane.Loop.Prepare(this);
        int slot = _slot!.Number;
        int file = slot >= 0 ? slot : (int)_file.DangerousGetHandle();
        switch (_op)
        {
            case BioOp.Write when _syncing:
                sqe.PrepFsync(file, dataOnly: true);
                sqe.off = (ulong)(_offset - Attempt.Bio.Size);
                sqe.len = (uint)Attempt.Bio.Size;
                break;
            case BioOp.Read or BioOp.Write:
                PrepareTransfer(ref sqe, file);
                break;
            case BioOp.Flush:
                sqe.PrepFsync(file, dataOnly: true);
                break;
            case BioOp.Discard:
                lane.Target.PrepareDiscard(ref sqe, file, (ulong)_offset, (ulong)_left);
                break;
            default:
                if (_zeroing)
                {
                    sqe.PrepWrite(file, s_zeroes, (uint)Math.Min(ZeroesSize, _left), (ulong)_offset);
                }
                else
                {
                    sqe.PrepFallocate(file, _mode, (ulong)_offset, (ulong)_left);
                }

                break;
        }

        sqe.flags |= (slot >= 0 ? SqeFlags.FixedFile : 0) | (_async ? SqeFlags.Async : 0);
    }

    private void PrepareTransfer(ref io_uring_sqe sqe, int file)
    {
        if (_registered is not null)
        {
            PrepareRegistered(ref sqe, file, _registered);
            return;
        }

        // The array is pinned for good.
        var vectors = (IoVector*)Marshal.UnsafeAddrOfPinnedArrayElement(_vectors, _first);
        uint count = (uint)(_count - _first);
        if (_op == BioOp.Read)
        {
            if (count == 1)
            {
                sqe.PrepRead(file, vectors->Start, (uint)vectors->Length, (ulong)_offset);
            }
            else
            {
                sqe.PrepReadVector(file, vectors, count, (ulong)_offset);
            }

            return;
        }

        if (count == 1)
        {
            sqe.PrepWrite(file, vectors->Start, (uint)vectors->Length, (ulong)_offset);
        }
        else
        {
            sqe.PrepWriteVector(file, vectors, count, (ulong)_offset);
        }

        sqe.op_flags = _dataSync && lane.Target.IsDirect ? (uint)Libc.DataSync : 0;
    }

    // The data never comes here: the ring knows it by its slot.
    private void PrepareRegistered(ref io_uring_sqe sqe, int file, RingBuffer buffer)
    {
        if (_op == BioOp.Read)
        {
            sqe.PrepReadFixed(file, (ulong)_registeredOffset, (uint)_left, (ulong)_offset, buffer.Slot);
        }
        else
        {
            sqe.PrepWriteFixed(file, (ulong)_registeredOffset, (uint)_left, (ulong)_offset, buffer.Slot);
            sqe.op_flags = _dataSync && lane.Target.IsDirect ? (uint)Libc.DataSync : 0;
        }
    }

    private bool TryUseRegistered(ReadOnlySpan<BioSegment> segments)
    {
        if (segments.Length == 1 && segments[0].TryGetRegistered(out RegisteredBuffer? buffer, out int offset)
            && buffer is RingBuffer known && known.Loop == lane.Loop)
        {
            _registered = known;
            _registeredOffset = offset;
            return true;
        }

        return false;
    }

    private void Pin(ReadOnlySpan<BioSegment> segments)
    {
        if (segments.Length > _vectors.Length)
        {
            _pins = new MemoryHandle[LoopIo.MaxSegments];
            _vectors = GC.AllocateUninitializedArray<IoVector>(LoopIo.MaxSegments, pinned: true);
        }

        _first = 0;
        _count = segments.Length;
        for (; _pinned < segments.Length; _pinned++)
        {
            ref readonly BioSegment segment = ref segments[_pinned];
            _pins[_pinned] = segment.IsNative ? default : segment.Memory.Pin();
            _vectors[_pinned] = new IoVector
            {
                Start = segment.IsNative ? (byte*)segment.Address : (byte*)_pins[_pinned].Pointer,
                Length = segment.Length,
            };
        }
    }

    private BlockStatus StatusOf(int result) => result >= 0 ? BlockStatus.Ok : lane.Target.StatusOf((Errno)(-result));

    private void LeaveToHelper()
    {
        BioAttempt attempt = Attempt;
        SafeFileHandle file = _file;
        LetGo();
        lane.Helper.Add(attempt, file);
    }

    private void FailPath()
    {
        BioAttempt attempt = Attempt;
        LetGo();
        attempt.FailPath(BlockStatus.Transport);
    }

    private void End(BlockStatus status)
    {
        LoopEnding ending = _ending;
        LetGo();
        ending.End(status);
    }

    // Before the attempt ends: its submitter may look at what is open, and submit again.
    private void LetGo()
    {
        while (_pinned > 0)
        {
            _pins[--_pinned].Dispose();
        }

        _registered = null;
        _file.DangerousRelease();
        _file = null!;
        if (_slot is { } slot)
        {
            _slot = null;
            lane.Unuse(slot);
        }

        Attempt = default;
        _ending = default;
        lane.Return(this);
    }
}
