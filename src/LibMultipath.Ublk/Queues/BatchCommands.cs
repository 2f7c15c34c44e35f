using LibMultipath.Block;
using LibMultipath.IoUring;
using LibMultipath.IoUring.Abi;
using LibMultipath.Ublk.Abi;

namespace LibMultipath.Ublk.Queues;

/// <summary>
/// Many tags a command: one command prepares all tags, one that stays with the kernel brings the tags of requests in
/// provided buffers, and what is completed in a turn of the loop is committed by one.
/// </summary>
internal sealed unsafe class BatchCommands : QueueCommands
{
    internal const ulong Prep = FirstOwnKind;
    internal const ulong CommitKind = FirstOwnKind + 1;
    private const ulong FirstPrep = FirstOwnKind + 2;
    private const uint Multishot = 1 << 1; // IORING_URING_CMD_MULTISHOT
    private const int FetchBuffers = 16;

    private readonly ushort _flags;
    private readonly int _elementBytes;
    private readonly bool _sendsBuffer;
    private readonly bool _sendsSector;
    private readonly ProvidedBuffers _fetched;
    private readonly List<CommitBuffer> _buffers = [];
    private readonly Stack<CommitBuffer> _free = new();
    private CommitBuffer _filling;
    private int _committing;
    private bool _aborted;
    private bool _ended;

    public BatchCommands(UblkQueue queue)
        : base(queue, batches: true)
    {
        _sendsBuffer = queue.Mode == UblkDataMode.Copy;
        _sendsSector = (queue.Shape.Features & UblkFeatures.Zoned) != 0;
        _elementBytes = sizeof(ublk_elem_header) + (_sendsBuffer ? sizeof(ulong) : 0) + (_sendsSector ? sizeof(ulong) : 0);
        _flags = (ushort)((_sendsBuffer ? UblkIo.UBLK_BATCH_F_HAS_BUF_ADDR : 0)
            | (_sendsSector ? UblkIo.UBLK_BATCH_F_HAS_ZONE_LBA : 0)
            | (queue.Mode == UblkDataMode.AutoZeroCopy ? UblkIo.UBLK_BATCH_F_AUTO_BUF_REG_FALLBACK : 0));
        try
        {
            _fetched = new ProvidedBuffers(queue.Loop.Ring, queue.Loop.TakeBufferGroup(), FetchBuffers, Math.Max(64, queue.TagCount * sizeof(ushort)));
            _filling = TakeBuffer();
        }
        catch
        {
            _fetched?.Dispose();
            base.Dispose();
            throw;
        }
    }

    // What was gathered, or is not known to be committed, has its data in the buffers still.
    public override bool IsQuiet => base.IsQuiet && _filling.Count == 0 && _committing == 0;

    public override void Start() => Due(FirstPrep, 0);

    public override void Commit(int tag, ref UblkTag state)
    {
        Leaving(tag, ref state);
        if (_filling.Count == Queue.TagCount)
        {
            Send(UblkIo.UBLK_U_IO_COMMIT_IO_CMDS, CommitKind);
        }

        Add(tag, ref state);
        _committing++;
    }

    public override void Submitting()
    {
        if (_filling.Count == 0)
        {
            return;
        }

        if (Queue.Loop.Ring.TryReserve(1))
        {
            Send(UblkIo.UBLK_U_IO_COMMIT_IO_CMDS, CommitKind);
        }
        else
        {
            TryAgain();
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _fetched.Dispose();
        foreach (CommitBuffer buffer in _buffers)
        {
            Queue.LetGo(buffer.Memory);
        }
    }

    protected override void CommandCompleted(ulong kind, int tag, int result, CqeFlags flags)
    {
        switch (kind)
        {
            case FirstPrep:
                PrepareTags();
                break;
            case Prep:
                Prepared(_buffers[tag], result);
                break;
            case CommitKind:
                Committed(_buffers[tag], result);
                break;
            default:
                Fetched(result, flags);
                break;
        }
    }

    private void PrepareTags()
    {
        for (int tag = Queue.FirstTag; tag < Queue.FirstTag + Queue.TagCount; tag++)
        {
            Add(tag, ref Queue.TagState(tag));
        }

        Send(UblkIo.UBLK_U_IO_PREP_IO_CMDS, Prep);
    }

    private void Prepared(CommitBuffer buffer, int result)
    {
        GiveBack(buffer);
        if (result < 0)
        {
            Queue.FetchFailed((Errno)(-result), Queue.TagCount);
        }
        else
        {
            PrepareFetch();
        }
    }

    private void Fetched(int result, CqeFlags flags)
    {
        bool goesOn = (flags & CqeFlags.More) != 0;
        bool fetchesAgain = !goesOn && (result >= 0 || result == -(int)Errno.ENOBUFS);
        if (fetchesAgain)
        {
            // First: there is room for it, and the requests may take that.
            PrepareFetch();
        }

        if ((flags & CqeFlags.Buffer) != 0)
        {
            var tags = (ushort*)_fetched.Take(flags, out ushort number);
            for (int i = 0; i < result / sizeof(ushort); i++)
            {
                ArrivedBesideOthers(tags[i]);
            }

            _fetched.Return(number);
        }

        if (!goesOn && !fetchesAgain)
        {
            _aborted = true;
            if (result != UblkIo.UBLK_IO_RES_ABORT)
            {
                Queue.FetchFailed((Errno)(-result), 0);
            }

            EndIfDone();
        }
    }

    // The driver says how many bytes of elements it has handled; those behind are to be committed again.
    private void Committed(CommitBuffer buffer, int result)
    {
        int handled = result > 0 ? result / _elementBytes : 0;
        if (handled == 0)
        {
            // The first element is one that it does not take. Its request is over for the kernel; the others are not.
            Queue.CommitRefused((Errno)(-result), ((ublk_elem_header*)buffer.At(buffer.First, _elementBytes))->tag);
            handled = 1;
        }

        _committing -= handled;
        buffer.First += handled;
        buffer.Count -= handled;
        if (buffer.Count > 0)
        {
            Submit(UblkIo.UBLK_U_IO_COMMIT_IO_CMDS, CommitKind, buffer);
            return;
        }

        GiveBack(buffer);
        EndIfDone();
    }

    private void EndIfDone()
    {
        if (_aborted && !_ended && _committing == 0 && Coming == 0 && Queue.RequestsWithTarget == 0)
        {
            _ended = true;
            Queue.TakenBack(Queue.TagCount);
        }
    }

    private void Add(int tag, ref UblkTag state)
    {
        byte* element = _filling.At(_filling.Count++, _elementBytes);
        *(ublk_elem_header*)element = new ublk_elem_header
        {
            tag = (ushort)tag,
            buf_index = Queue.Mode == UblkDataMode.AutoZeroCopy ? Queue.AutomaticSlotOf(tag) : (ushort)0,
            result = state.Result,
        };
        ulong* next = (ulong*)(element + sizeof(ublk_elem_header));
        if (_sendsBuffer)
        {
            *next++ = (ulong)state.Buffer;
        }

        if (_sendsSector)
        {
            *next = state.AppendSector;
            state.AppendSector = 0;
        }
    }

    private void Send(uint operation, ulong kind)
    {
        CommitBuffer buffer = _filling;
        _filling = TakeBuffer();
        Submit(operation, kind, buffer);
    }

    private void Submit(uint operation, ulong kind, CommitBuffer buffer)
    {
        ref io_uring_sqe sqe = ref Prepare(operation, kind, buffer.Index);
        sqe.addr = (ulong)buffer.At(buffer.First, _elementBytes);
        sqe.len = (uint)(buffer.Count * _elementBytes);
        *(ublk_batch_io*)sqe.Command = new ublk_batch_io
        {
            q_id = (ushort)Queue.QueueId,
            flags = _flags,
            nr_elem = (ushort)buffer.Count,
            elem_bytes = (byte)_elementBytes,
        };
    }

    private void PrepareFetch()
    {
        ref io_uring_sqe sqe = ref Prepare(UblkIo.UBLK_U_IO_FETCH_IO_CMDS, Fetch, 0);
        sqe.flags |= SqeFlags.BufferSelect;
        sqe.buf_index = _fetched.Group;
        sqe.op_flags = Multishot;
        *(ublk_batch_io*)sqe.Command = new ublk_batch_io
        {
            q_id = (ushort)Queue.QueueId,
            nr_elem = (ushort)Queue.TagCount,
            elem_bytes = sizeof(ushort),
        };
    }

    private CommitBuffer TakeBuffer()
    {
        if (!_free.TryPop(out CommitBuffer? buffer))
        {
            buffer = new CommitBuffer(_buffers.Count, MappedMemory.Anonymous((nuint)(Queue.TagCount * _elementBytes)));
            _buffers.Add(buffer);
        }

        return buffer;
    }

    private void GiveBack(CommitBuffer buffer)
    {
        buffer.First = 0;
        buffer.Count = 0;
        _free.Push(buffer);
    }

    /// <summary>The elements of a command; the kernel may read them until it completes.</summary>
    private sealed class CommitBuffer(int index, MappedMemory memory)
    {
        public int Index { get; } = index;

        public MappedMemory Memory { get; } = memory;

        public int First { get; set; }

        public int Count { get; set; }

        public byte* At(int element, int elementBytes) => Memory.Address + ((nint)element * elementBytes);
    }
}
