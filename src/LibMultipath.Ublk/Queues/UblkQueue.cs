using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LibMultipath.Block;
using LibMultipath.IoUring;
using LibMultipath.IoUring.Abi;
using LibMultipath.IoUring.Loops;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Devices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LibMultipath.Ublk.Queues;

/// <summary>
/// A hardware queue of a device, or some tags of one: fetches requests, hands them to the target, and hands what is
/// completed back to the kernel. It makes no thread: it lives on a loop, which a thread of the embedder's drives, and
/// which it shares with the target's own I/O and with any number of other queues.
/// </summary>
/// <remarks>
/// <para><b>Life.</b> <see cref="Start"/> on the loop's thread fetches every tag; the device can be started when all
/// queues have done so. <see cref="IsEnded"/> once the kernel has taken the tags back, because the device stops, is
/// quiesced, or goes. Then it is disposed, on the loop's thread, or after the loop is.</para>
/// <para><b>Threads.</b> A tag belongs to the thread that fetched it. Requests are completed on any thread: on the
/// loop's at once, on others by way of a list that the loop takes whole.</para>
/// <para><b>Memory.</b> The buffer of a request that is with the target when the queue is disposed stays until it is
/// completed. Those of a queue that is disposed before it has ended stay until its loop is disposed, since the driver may
/// still copy there.</para>
/// </remarks>
public sealed unsafe partial class UblkQueue : IRingChannel, IDisposable
{
    private readonly UblkTarget _target;
    private readonly SafeHandle _device;
    private readonly ILogger _logger;
    private readonly LogRateLimit _faults = new();
    private readonly MappedMemory _descriptors;
    private readonly ublksrv_io_desc* _descriptor;
    private readonly UblkBuffers _buffers;
    private readonly UblkTag[] _tags;
    private readonly DrainWork _drain;
    private QueueCommands? _commands;
    private int _firstSlot;
    private int _firstSlotByHand;
    private int _completed = UblkTag.None;
    private int _withTarget;
    private int _takenBack;
    private long _staleCompletions;
    private int _orphans;
    private bool _started;
    private bool _toldStart;
    private bool _disposed;

    /// <summary>Makes a queue. Nothing is fetched before <see cref="Start"/>.</summary>
    /// <param name="device">The device; it is open.</param>
    /// <param name="queueId">Which queue, from 0.</param>
    /// <param name="loop">The loop that it lives on.</param>
    /// <param name="target">What serves its requests.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <exception cref="RingException">The device's memory cannot be mapped.</exception>
    public UblkQueue(UblkDevice device, int queueId, RingLoop loop, UblkTarget target, UblkQueueOptions? options = null)
        : this(device.Char, UblkQueueShape.Of(device), queueId, loop, target, options)
    {
    }

    /// <summary>Makes a queue.</summary>
    /// <param name="device">The char device.</param>
    /// <param name="shape">What the device was added with.</param>
    /// <param name="queueId">Which queue, from 0.</param>
    /// <param name="loop">The loop that it lives on.</param>
    /// <param name="target">What serves its requests.</param>
    /// <param name="options">How; null for the defaults.</param>
    internal UblkQueue(SafeHandle device, UblkQueueShape shape, int queueId, RingLoop loop, UblkTarget target, UblkQueueOptions? options)
    {
        options ??= new UblkQueueOptions();
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)queueId, (uint)shape.Queues, nameof(queueId));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)options.FirstTag, (uint)shape.QueueDepth, nameof(options.FirstTag));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)options.TagCount, (uint)(shape.QueueDepth - options.FirstTag), nameof(options.TagCount));
        _device = device;
        _target = target;
        _logger = options.Logger ?? NullLogger.Instance;
        _drain = new DrainWork(this);
        _tags = GC.AllocateArray<UblkTag>(shape.QueueDepth, pinned: true);
        Loop = loop;
        Shape = shape;
        QueueId = queueId;
        FirstTag = options.FirstTag;
        TagCount = options.TagCount == 0 ? shape.QueueDepth - options.FirstTag : options.TagCount;
        Mode = UblkDataModes.Of(shape.Features);

        // Every queue's descriptors begin where those of a queue of the greatest depth would.
        long most = PageUp((long)UblkIo.UBLK_MAX_QUEUE_DEPTH * sizeof(ublksrv_io_desc));
        _descriptors = MappedMemory.OfFile(device, UblkIo.UBLKSRV_CMD_BUF_OFFSET + (queueId * most),
            (nuint)PageUp((long)shape.QueueDepth * sizeof(ublksrv_io_desc)), writable: false);
        _descriptor = (ublksrv_io_desc*)_descriptors.Address;
        try
        {
            _buffers = new UblkBuffers(this, target, shape.MaxIoBytes);
        }
        catch
        {
            _descriptors.Dispose();
            throw;
        }
    }

    /// <summary>The loop that the queue lives on.</summary>
    public RingLoop Loop { get; }

    /// <summary>Its number in the device, from 0.</summary>
    public int QueueId { get; }

    /// <summary>The first tag that is served here.</summary>
    public int FirstTag { get; }

    /// <summary>How many tags are served here.</summary>
    public int TagCount { get; }

    /// <summary>The longest request, in bytes.</summary>
    public int MaxIoBytes => Shape.MaxIoBytes;

    /// <summary>How data gets to and from the target.</summary>
    public UblkDataMode Mode { get; }

    /// <summary>
    /// Whether no request will come any more: the kernel has taken every tag back, or those that it had at the time. It
    /// holds on to the device for the others until the ring is closed.
    /// </summary>
    public bool IsEnded => _takenBack == TagCount;

    /// <summary>How many requests are with the target. On the loop's thread.</summary>
    public int RequestsWithTarget => _withTarget;

    /// <summary>How often a request was completed that was not the target's any more: each is the target's fault, and was ignored.</summary>
    public long StaleCompletions => Volatile.Read(ref _staleCompletions);

    /// <summary>Why a tag could not be fetched, when it was not because the device stops; none if all is well.</summary>
    public Errno Fault { get; private set; }

    internal UblkQueueShape Shape { get; }

    internal SafeHandle Device => _device;

    /// <summary>How a ring is to be for a queue of a depth: room for every tag, and for the target's own I/O.</summary>
    /// <param name="queueDepth">The queue's.</param>
    public static RingOptions RingFor(int queueDepth) => new()
    {
        Entries = Math.Clamp(queueDepth, 64, 4096),
        CompletionEntries = Math.Clamp(queueDepth * 4, 256, 32768),
    };

    /// <summary>Fetches every tag. On the loop's thread; the fetches go with the loop's next turn.</summary>
    /// <exception cref="InvalidOperationException">The loop is another thread's, its ring too small, or the queue was started before, even if that failed.</exception>
    /// <exception cref="RingException">A ring without a buffer table is no use in a mode without a copy.</exception>
    public void Start()
    {
        if (!Loop.IsCurrent)
        {
            throw new InvalidOperationException("A queue is started on the thread that drives its loop.");
        }

        if (_started)
        {
            throw new InvalidOperationException("The queue was started before.");
        }

        if (Loop.Ring.SubmissionEntries < QueueCommands.MostAtOnce)
        {
            throw new InvalidOperationException($"A queue needs a ring with room for {QueueCommands.MostAtOnce} submissions at least; RingFor says how large it should be.");
        }

        _started = true;
        if (Mode is UblkDataMode.ZeroCopy or UblkDataMode.AutoZeroCopy)
        {
            // Where the driver cannot register by itself, because a slot is in use, it is done by hand in another one.
            _firstSlot = Loop.TakeBufferSlots(Mode == UblkDataMode.AutoZeroCopy ? TagCount * 2 : TagCount);
            _firstSlotByHand = Mode == UblkDataMode.AutoZeroCopy ? _firstSlot + TagCount : _firstSlot;
        }

        _target.QueueStarting(this);
        _toldStart = true;
        for (int tag = FirstTag; tag < FirstTag + TagCount; tag++)
        {
            _tags[tag].Buffer = _buffers.Take(tag);
        }

        _commands = (Shape.Features & UblkFeatures.BatchIo) != 0 ? new BatchCommands(this) : new FetchCommands(this);
        _commands.Start();
    }

    /// <summary>
    /// Drives the loop until the queue has ended, or the driver refuses to give requests (<see cref="Fault"/>): for a thread
    /// that has nothing else to do. Tells the target when there is nothing to do.
    /// </summary>
    /// <param name="idleAfter">After how long; <see cref="Timeout.InfiniteTimeSpan"/> for never.</param>
    public void Run(TimeSpan idleAfter)
    {
        bool wasIdle = false;
        while (!IsEnded && Fault == Errno.None && !Loop.IsStopped)
        {
            if (Loop.Poll(wasIdle ? Timeout.InfiniteTimeSpan : idleAfter))
            {
                wasIdle = false;
            }
            else if (!wasIdle)
            {
                wasIdle = true;
                BeIdle();
            }
        }
    }

    /// <summary>
    /// Gives back the memory that is not needed while there is nothing to do. On the loop's thread. Nothing is given back on
    /// a ring without <see cref="RingSetup.DeferTaskRun"/>, since a request may come there at any time.
    /// </summary>
    public void BeIdle()
    {
        // A commit that the kernel has not seen still has its data here. And the driver copies a write's data here before it
        // says that there is one, on this thread: in a turn of the loop, or, on a ring that does not defer such work to
        // it, whenever the thread comes out of the kernel.
        if (_withTarget == 0 && Loop.IsQuiet && _commands is null or { IsQuiet: true })
        {
            _buffers.Discard();
            TellTarget(static (target, queue) => target.Idle(queue));
        }
    }

    void IRingChannel.Completed(ulong data, int result, CqeFlags flags) => _commands!.Completed(data, result, flags);

    void IRingChannel.Submitting() => _commands!.Submitting();

    internal ref UblkTag TagState(int tag) => ref _tags[tag];

    internal ref readonly ublksrv_io_desc DescriptorOf(int tag) => ref _descriptor[tag];

    internal byte* BufferOf(int tag) => (byte*)_tags[tag].Buffer;

    internal ushort BufferSlotOf(int tag) => _tags[tag].RegisteredByHand ? SlotByHandOf(tag) : AutomaticSlotOf(tag);

    internal ushort AutomaticSlotOf(int tag) => (ushort)(_firstSlot + tag - FirstTag);

    internal ushort SlotByHandOf(int tag) => (ushort)(_firstSlotByHand + tag - FirstTag);

    internal byte* SharedAddress(ulong address) => Shape.Shared is { } shared ? shared.AddressOf(address) : null;

    /// <summary>A request has come for a tag.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Dispatch(int tag)
    {
        _withTarget++;
        int sequence = ++_tags[tag].Sequence;
        var request = new UblkRequest(this, tag, sequence);
        if (Shape.Shared is not null && IsLost(tag))
        {
            request.Fail(Errno.EIO);
            return;
        }

        try
        {
            _target.Handle(request);
        }
        catch (Exception exception)
        {
            HandlerThrew(request, exception);
        }
    }

    /// <summary>The kernel has taken tags back, or never will: together they are at most all of them.</summary>
    internal void TakenBack(int tags = 1)
    {
        _takenBack = Math.Min(_takenBack + tags, TagCount);
    }

    /// <summary>Disposes memory of the queue's commands: at once if all have come back, or else with the ring.</summary>
    internal void LetGo(IDisposable memory)
    {
        if (IsEnded)
        {
            memory.Dispose();
        }
        else
        {
            Loop.Keep(memory);
        }
    }

    /// <summary>A tag could not be fetched.</summary>
    internal void FetchFailed(Errno error, int tags = 1)
    {
        if (Fault == Errno.None)
        {
            Fault = error;
            _logger.FetchFailed(Shape.DeviceId, QueueId, error);
        }

        TakenBack(tags);
    }

    /// <summary>The driver does not take the result of a request.</summary>
    internal void CommitRefused(Errno error, int tag) => _logger.CommitRefused(Shape.DeviceId, QueueId, tag, error);

    // In memory that the driver knows and this process does not: it was registered by a server before this one, or by
    // another process. The driver does not copy for such a request, so nobody can serve it.
    private bool IsLost(int tag)
    {
        ref readonly ublksrv_io_desc request = ref _descriptor[tag];
        if ((request.Flags & UblkIoFlags.SharedMemory) == 0 || SharedAddress(request.addr) != null)
        {
            return false;
        }

        if (_faults.TryTake(out int suppressed))
        {
            _logger.UnknownMemory(Shape.DeviceId, QueueId, UblkShmem.Index(request.addr), suppressed);
        }

        return true;
    }

    /// <summary>Calls the target where nothing depends on what it does: what it throws is logged.</summary>
    internal void TellTarget(Action<UblkTarget, UblkQueue> tell)
    {
        try
        {
            tell(_target, this);
        }
        catch (Exception exception)
        {
            TargetThrew(exception);
        }
    }

    private void TargetThrew(Exception exception)
    {
        if (_faults.TryTake(out int suppressed))
        {
            _logger.TargetThrew(exception, Shape.DeviceId, QueueId, suppressed);
        }
    }

    private void HandlerThrew(UblkRequest request, Exception exception)
    {
        if (_faults.TryTake(out int suppressed))
        {
            _logger.HandlerThrew(exception, Shape.DeviceId, QueueId, request.Tag, suppressed);
        }

        request.Fail(Errno.EIO);
    }

    private static long PageUp(long bytes) => (bytes + Environment.SystemPageSize - 1) & ~((long)Environment.SystemPageSize - 1);
}
