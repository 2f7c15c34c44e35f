using System.Runtime.CompilerServices;
using LibMultipath.IoUring;
using LibMultipath.IoUring.Abi;
using LibMultipath.IoUring.Loops;
using LibMultipath.Ublk.Abi;

namespace LibMultipath.Ublk.Queues;

/// <summary>
/// How a queue talks to the driver: a command a tag, or batches. What both share is here: the submissions, and the
/// registration of a request's pages by hand. Everything is called on the loop's thread.
/// </summary>
/// <remarks>
/// <b>Room.</b> What needs a submission is only begun when the ring has room for it. When the kernel takes nothing more,
/// completions, and what else is due, wait in order for a later turn: nothing is lost by it, it is as if they came later.
/// </remarks>
internal abstract unsafe class QueueCommands : IDisposable
{
    /// <summary>How many submissions a commit, or a completion, may need: the pages are let go, and the result is handed back.</summary>
    public const int MostAtOnce = 2;

    // What a completion is of, or what is due; the tag is in the bits below.
    internal const int KindShift = 16;
    internal const ulong Fetch = 0;
    internal const ulong Register = 1;
    internal const ulong FirstOwnKind = 4;
    private const ulong Unregister = 2;
    private const ulong Arrival = 3;

    private readonly Ring _ring;
    private readonly int _channel;
    private readonly int _registeredFile;
    private readonly int _file;
    private readonly SqeFlags _fileFlags;
    private readonly bool _registersBuffers;
    private readonly Queue<(ulong Data, int Result, CqeFlags Flags)> _waiting = new();
    private readonly RetryWork _retry;
    private int _underWay;
    private bool _disposed;

    protected QueueCommands(UblkQueue queue, bool batches)
    {
        Queue = queue;
        _retry = new RetryWork(this);
        _ring = queue.Loop.Ring;
        _registersBuffers = queue.Mode is UblkDataMode.ZeroCopy or UblkDataMode.AutoZeroCopy;
        _channel = queue.Loop.AddChannel(queue, batches);
        try
        {
            _registeredFile = queue.Loop.AddFile(queue.Device);
            (_file, _fileFlags) = _registeredFile >= 0
                ? (_registeredFile, SqeFlags.FixedFile)
                : ((int)queue.Device.DangerousGetHandle(), SqeFlags.None);
        }
        catch
        {
            queue.Loop.RemoveChannel(_channel);
            throw;
        }
    }

    /// <summary>Whether nothing is under way whose data lies in a tag's buffer.</summary>
    public virtual bool IsQuiet => Coming == 0 && _waiting.Count == 0;

    protected UblkQueue Queue { get; }

    /// <summary>How many requests have come and are not with the target yet, because a command of theirs is under way.</summary>
    protected int Coming { get; set; }

    /// <summary>Fetches every tag.</summary>
    public abstract void Start();

    /// <summary>Hands a completed request back, and has the tag fetched again.</summary>
    public abstract void Commit(int tag, ref UblkTag state);

    /// <summary>A command has completed.</summary>
    public void Completed(ulong data, int result, CqeFlags flags)
    {
        if ((flags & CqeFlags.More) == 0)
        {
            _underWay--;
        }

        Came(data, result, flags);
    }

    private void Came(ulong data, int result, CqeFlags flags)
    {
        if (_waiting.Count == 0 && _ring.TryReserve(MostAtOnce))
        {
            Handle(data, result, flags);
        }
        else
        {
            _waiting.Enqueue((data, result, flags));
            TryAgain();
        }
    }

    /// <summary>The loop is about to submit: what was gathered goes now.</summary>
    public virtual void Submitting()
    {
    }

    /// <summary>No command is submitted any more.</summary>
    public virtual void Dispose()
    {
        _disposed = true;
        Queue.Loop.RemoveChannel(_channel, _underWay);
        if (_registeredFile >= 0 && !_ring.IsDisposed)
        {
            Queue.Loop.RemoveFile(_registeredFile);
        }
    }

    /// <summary>
    /// A command that is not of the registration of buffers has completed, or something of an own kind is due. There is
    /// room for <see cref="MostAtOnce"/> submissions.
    /// </summary>
    protected abstract void CommandCompleted(ulong kind, int tag, int result, CqeFlags flags);

    /// <summary>Something is due that needs submissions: it is done as if a command of this kind had completed.</summary>
    protected void Due(ulong kind, int tag) => Came((kind << KindShift) | (uint)tag, 0, CqeFlags.None);

    /// <summary>The loop takes another turn soon, in which what waits for room is tried again.</summary>
    protected void TryAgain() => Queue.Loop.TryPost(_retry);

    /// <summary>A request has come, and there may be no room for what it needs.</summary>
    protected void ArrivedBesideOthers(int tag)
    {
        Coming++;
        Due(Arrival, tag);
    }

    /// <summary>
    /// A request has come: it goes to the target, after its pages were registered if that is to be done by hand. There is
    /// room for a submission.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected void Arrived(int tag)
    {
        if (_registersBuffers && NeedsRegistration(tag))
        {
            Coming++;
            PrepareBuffer(UblkIo.UBLK_U_IO_REGISTER_IO_BUF, tag, Register);
        }
        else
        {
            Queue.Dispatch(tag);
        }
    }

    /// <summary>A request is about to be committed: pages that were registered by hand are let go.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected void Leaving(int tag, ref UblkTag state)
    {
        if (_registersBuffers && state.RegisteredByHand)
        {
            state.RegisteredByHand = false;
            PrepareBuffer(UblkIo.UBLK_U_IO_UNREGISTER_IO_BUF, tag, Unregister);
        }
    }

    /// <summary>A submission of the queue's; its command area follows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected ref io_uring_sqe Prepare(uint operation, ulong kind, int tag)
    {
        ref io_uring_sqe sqe = ref _ring.GetSqe();
        sqe.PrepUringCmd(_file, operation);
        sqe.flags = _fileFlags;
        sqe.user_data = RingLoop.UserData(_channel, (kind << KindShift) | (uint)tag);
        _underWay++;
        return ref sqe;
    }

    /// <summary>Nothing: its completion says that the kernel has seen every submission before it.</summary>
    protected void PrepareMark(ulong kind)
    {
        ref io_uring_sqe sqe = ref _ring.GetSqe();
        sqe.PrepNop();
        sqe.user_data = RingLoop.UserData(_channel, kind << KindShift);
        _underWay++;
    }

    private void Handle(ulong data, int result, CqeFlags flags)
    {
        switch (data >> KindShift)
        {
            case Register:
                Coming--;
                Registered((ushort)data, result);
                break;
            case Unregister:
                break;
            case Arrival:
                Coming--;
                Arrived((ushort)data);
                break;
            default:
                CommandCompleted(data >> KindShift, (ushort)data, result, flags);
                break;
        }
    }

    private void HandleWaiting()
    {
        while (!_disposed && !_ring.IsDisposed && _waiting.Count != 0)
        {
            if (!_ring.TryReserve(MostAtOnce))
            {
                TryAgain();
                return;
            }

            (ulong data, int result, CqeFlags flags) = _waiting.Dequeue();
            Handle(data, result, flags);
        }
    }

    private bool NeedsRegistration(int tag)
    {
        ref readonly ublksrv_io_desc request = ref Queue.DescriptorOf(tag);
        bool hasData = request.Op is UblkOp.Read or UblkOp.Write or UblkOp.ZoneAppend;
        return hasData && (Queue.Mode == UblkDataMode.ZeroCopy || (request.Flags & UblkIoFlags.NeedRegisterBuffer) != 0);
    }

    private void Registered(int tag, int result)
    {
        ref UblkTag state = ref Queue.TagState(tag);
        if (result == 0)
        {
            state.RegisteredByHand = true;
            Queue.Dispatch(tag);
        }
        else
        {
            state.Result = result;
            Commit(tag, ref state);
        }
    }

    private void PrepareBuffer(uint operation, int tag, ulong kind)
    {
        ref io_uring_sqe sqe = ref Prepare(operation, kind, tag);
        var command = (ublksrv_io_cmd*)sqe.Command;
        command->q_id = (ushort)Queue.QueueId;
        command->tag = (ushort)tag;
        command->addr = Queue.SlotByHandOf(tag);
    }

    private sealed class RetryWork(QueueCommands commands) : RingWork
    {
        protected override void Run() => commands.HandleWaiting();
    }
}
