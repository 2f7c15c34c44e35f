using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using LibMultipath.IoUring.Abi;
using LibMultipath.IoUring.Interop;

namespace LibMultipath.IoUring;

/// <summary>
/// An io_uring of the kernel: submissions go in, completions come out, through memory that both sides share.
/// </summary>
/// <remarks>
/// <para><b>Threads.</b> A ring belongs to one thread at a time, and one with a single issuer, which is the default,
/// to the thread that calls <see cref="Enable"/>, for good. To let other threads in, see
/// <see cref="Loops.RingLoop"/>.</para>
/// <para><b>Descriptors.</b> The kernel looks a descriptor up when it begins an entry, which may be later than the
/// submission: it must stay open until the completion has come, or the entry may meet the next file of its number.</para>
/// <para><b>Memory.</b> What a submission points to must stay where it is until the completion has come, disposing the
/// ring included: the kernel ends what is under way after the call.</para>
/// <para><b>Order.</b> An entry's fields are written before the tail that shows it to the kernel; a completion is read
/// after the tail that shows it to us, and before the head that gives its place back.</para>
/// </remarks>
public sealed unsafe partial class Ring : IDisposable
{
    private const uint GetEvents = 1 << 0; // IORING_ENTER_GETEVENTS
    private const uint ExtArg = 1 << 3; // IORING_ENTER_EXT_ARG
    private const uint CompletionsWait = 1 << 1; // IORING_SQ_CQ_OVERFLOW
    private const uint TaskWorkWaits = 1 << 2; // IORING_SQ_TASKRUN

    private readonly RingSystem _system;
    private readonly RingHandle _handle;
    private readonly MappedMemory _rings;
    private readonly MappedMemory _entries;
    private readonly int _descriptor;

    // The submission side. The tail that the kernel sees is moved by Submit; ours is ahead of it.
    private readonly uint* _sqHead;
    private readonly uint* _sqTail;
    private readonly uint* _sqFlags;
    private readonly byte* _sqes;
    private readonly uint _sqMask;
    private readonly int _sqeShift;
    private uint _sqeTail;
    private uint _submitted;

    // The completion side.
    private readonly uint* _cqHead;
    private readonly uint* _cqTail;
    private readonly byte* _cqes;
    private readonly uint _cqMask;
    private readonly int _cqeShift;
    private uint _cqeHead;

    private bool _enabled;
    private Thread? _issuer;

    private Ring(RingSystem system, RingHandle handle, MappedMemory rings, MappedMemory entries, in io_uring_params made)
    {
        _system = system;
        _handle = handle;
        _rings = rings;
        _entries = entries;
        _descriptor = (int)handle.DangerousGetHandle();
        Setup = made.flags;
        Features = made.features;
        SubmissionEntries = (int)made.sq_entries;
        CompletionEntries = (int)made.cq_entries;

        byte* start = rings.Address;
        _sqHead = (uint*)(start + made.sq_off.head);
        _sqTail = (uint*)(start + made.sq_off.tail);
        _sqFlags = (uint*)(start + made.sq_off.flags);
        _sqMask = *(uint*)(start + made.sq_off.ring_mask);
        _sqes = entries.Address;
        _sqeShift = (made.flags & RingSetup.Sqe128) != 0 ? 7 : 6;
        _sqeTail = _submitted = *_sqTail;

        _cqHead = (uint*)(start + made.cq_off.head);
        _cqTail = (uint*)(start + made.cq_off.tail);
        _cqMask = *(uint*)(start + made.cq_off.ring_mask);
        _cqes = start + made.cq_off.cqes;
        _cqeShift = (made.flags & RingSetup.Cqe32) != 0 ? 5 : 4;
        _cqeHead = *_cqHead;

        if ((made.flags & RingSetup.NoSqArray) == 0)
        {
            uint* array = (uint*)(start + made.sq_off.array);
            for (uint i = 0; i < made.sq_entries; i++)
            {
                array[i] = i;
            }
        }

        _enabled = (made.flags & RingSetup.Disabled) == 0;
    }

    /// <summary>How the ring was made: what was asked for, less what the kernel does not know.</summary>
    public RingSetup Setup { get; }

    /// <summary>What the kernel can do.</summary>
    public RingFeatures Features { get; }

    /// <summary>How many submissions fit between two calls to the kernel.</summary>
    public int SubmissionEntries { get; }

    /// <summary>How many completions fit; more wait in the kernel.</summary>
    public int CompletionEntries { get; }

    /// <summary>The descriptor, for a message from another ring (<see cref="io_uring_sqe.PrepMessage"/>).</summary>
    public int Descriptor => _descriptor;

    /// <summary>How many entries were filled and not submitted.</summary>
    public int Unsubmitted => IsDisposed ? 0 : (int)(_sqeTail - _submitted);

    /// <summary>
    /// Lets submissions in. A ring with a single issuer belongs to the calling thread from now on. A second call does
    /// nothing.
    /// </summary>
    /// <exception cref="RingException">The kernel refuses.</exception>
    public void Enable()
    {
        if (!_enabled)
        {
            Register(RegisterOp.EnableRings, null, 0, "enabling the ring");
            _enabled = true;
            _issuer = (Setup & RingSetup.SingleIssuer) != 0 ? Thread.CurrentThread : null;
        }
    }

    /// <summary>
    /// The next entry to fill, all zero. When the queue is full, what is there is submitted first.
    /// </summary>
    /// <exception cref="RingException">The kernel takes nothing more: completions have to be consumed first (EBUSY).</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref io_uring_sqe GetSqe()
    {
        if (_sqeTail - _submitted > _sqMask)
        {
            MakeRoom();
        }

        byte* entry = _sqes + ((nuint)(_sqeTail++ & _sqMask) << _sqeShift);
        Unsafe.InitBlockUnaligned(entry, 0, 1u << _sqeShift);
        return ref *(io_uring_sqe*)entry;
    }

    /// <summary>Makes sure that so many entries can be filled without a submission in between, as a chain of linked ones must be.</summary>
    /// <param name="count">At most <see cref="SubmissionEntries"/>.</param>
    public void Reserve(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, SubmissionEntries);
        if (SubmissionEntries - Unsubmitted < count)
        {
            MakeRoom();
        }
    }

    /// <summary>As <see cref="Reserve"/>, but says when the kernel takes nothing more before completions are consumed.</summary>
    /// <param name="count">At most <see cref="SubmissionEntries"/>.</param>
    /// <returns>Whether so many entries can be filled.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReserve(int count) => SubmissionEntries - Unsubmitted >= count || TryMakeRoom(count);

    /// <summary>
    /// The next completion, if there is one. Asks the kernel only if it holds some back; what was filled is then
    /// submitted with it.
    /// </summary>
    /// <param name="completion">The completion. Its place in the queue is free again.</param>
    public bool TryGetCompletion(out RingCompletion completion)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        if (ReadyCompletions == 0 && !FetchCompletions())
        {
            completion = default;
            return false;
        }

        ref io_uring_cqe cqe = ref NextCompletion();
        ulong* extra = (ulong*)Unsafe.AsPointer(ref cqe) + 2;
        completion = _cqeShift == 5
            ? new RingCompletion(cqe.user_data, cqe.res, cqe.flags, extra[0], extra[1])
            : new RingCompletion(cqe.user_data, cqe.res, cqe.flags);
        ConsumeCompletion();
        return true;
    }

    /// <summary>
    /// Closes the ring: what is under way is cancelled by the kernel, after this call. Not while another thread uses
    /// the ring; a second call does nothing.
    /// </summary>
    public void Dispose()
    {
        if (!IsDisposed)
        {
            _handle.Dispose();
            _rings.Dispose();
            _entries.Dispose();

            // As if the queue were full, so that who fills an entry all the same gets an exception.
            _submitted = _sqeTail - _sqMask - 1;
        }
    }

    /// <summary>Whether the ring was disposed.</summary>
    public bool IsDisposed => _handle.IsClosed;

    /// <summary>How many completions lie in the queue.</summary>
    internal uint ReadyCompletions
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Volatile.Read(ref *_cqTail) - _cqeHead;
    }

    /// <summary>Whether the kernel holds completions back until it is asked.</summary>
    internal bool KernelHoldsCompletions => (Volatile.Read(ref *_sqFlags) & (CompletionsWait | TaskWorkWaits)) != 0;

    /// <summary>The oldest completion. Only if there is one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref io_uring_cqe NextCompletion() => ref *(io_uring_cqe*)(_cqes + ((nuint)(_cqeHead & _cqMask) << _cqeShift));

    /// <summary>Gives the place of the oldest completion back.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void ConsumeCompletion() => Volatile.Write(ref *_cqHead, ++_cqeHead);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryMakeRoom(int count)
    {
        Submit();
        return SubmissionEntries - Unsubmitted >= count;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void MakeRoom()
    {
        Submit();
        if (_sqeTail - _submitted > _sqMask)
        {
            ThrowFull();
        }
    }

    [DoesNotReturn]
    private static void ThrowFull() =>
        throw new RingException(Block.Errno.EBUSY, "submitting to the ring", "consume completions first: the kernel has no room for more");
}
