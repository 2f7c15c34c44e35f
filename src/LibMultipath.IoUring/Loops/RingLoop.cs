using System.Runtime.CompilerServices;
using LibMultipath.IoUring.Abi;
using LibMultipath.IoUring.Interop;

namespace LibMultipath.IoUring.Loops;

/// <summary>
/// A ring that a thread of the embedder's drives: completions are handed to who submitted, and other threads can put
/// work on it and wake it. It makes no thread of its own.
/// </summary>
/// <remarks>
/// <para><b>Threads.</b> <see cref="Attach"/> binds the loop to the calling thread, which then calls
/// <see cref="Poll"/> or <see cref="Run"/>; everything else belongs to that thread too, but <see cref="Post"/>,
/// <see cref="Stop"/> and <see cref="IsCurrent"/>, which any thread may use.</para>
/// <para><b>Cost.</b> A turn that finds something to do makes one system call, which submits and waits. A post to a
/// busy loop makes none; a post to a parked one writes an event counter.</para>
/// </remarks>
public sealed partial class RingLoop : IDisposable
{
    // The upper byte of user_data says whose it is: 0 for an operation, by its slot, above for a channel.
    private const int ChannelShift = 56;
    private const ulong DataMask = (1UL << ChannelShift) - 1;
    private const int MostChannels = 254;
    private const int NobodysChannel = 255;

    [ThreadStatic]
    private static RingLoop? s_current;

    private readonly RingWaker _waker;
    private readonly List<IRingChannel?> _channels = [null];
    private readonly List<IDisposable> _kept = [];
    private IRingChannel[] _gathering = [];
    private RingOperation?[] _operations = new RingOperation?[64];
    private int[] _freeSlots = new int[64];
    private int _freeCount;
    private RingWork? _inbox;
    private RingWork? _due;
    private int _stopped;
    private bool _disposed;
    private bool _attached;
    private Thread? _thread;

    /// <summary>Makes a loop with a ring of its own.</summary>
    /// <param name="options">How the ring is; null for the defaults.</param>
    /// <exception cref="RingException">There can be no ring; the message says why, and what to do.</exception>
    public RingLoop(RingOptions? options = null)
        : this(options, RingSystem.Here)
    {
    }

    internal RingLoop(RingOptions? options, RingSystem system)
    {
        Ring = Ring.Create(options, system);
        try
        {
            _waker = new RingWaker(this);
        }
        catch
        {
            Ring.Dispose();
            throw;
        }

        FreeSlotsFrom(0);
    }

    /// <summary>The loop that the calling thread drives; null if it drives none.</summary>
    public static RingLoop? Current => s_current;

    /// <summary>The ring.</summary>
    public Ring Ring { get; }

    /// <summary>Whether the calling thread is the one that drives the loop.</summary>
    public bool IsCurrent => s_current == this;

    /// <summary>Whether <see cref="Stop"/> was called.</summary>
    public bool IsStopped => Volatile.Read(ref _stopped) != 0;

    /// <summary>
    /// Whether the loop and the kernel have nothing for each other, and it stays so until the next turn: nothing is filled
    /// and not submitted, nothing has completed and was not handed out, and nothing completes by itself. So never on a ring
    /// without <see cref="RingSetup.DeferTaskRun"/>. On the loop's thread.
    /// </summary>
    public bool IsQuiet => Ring.Unsubmitted == 0 && Ring.ReadyCompletions == 0 && (Ring.Setup & RingSetup.DeferTaskRun) != 0;

    /// <summary>Binds the loop to the calling thread.</summary>
    /// <exception cref="InvalidOperationException">The thread drives another loop already, or the loop is another thread's.</exception>
    public void Attach()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (s_current is not null && s_current != this)
        {
            throw new InvalidOperationException("The thread drives another loop already; a thread has one.");
        }

        Thread thread = Thread.CurrentThread;
        if (_thread is not null && _thread != thread && (_attached || (Ring.Setup & RingSetup.SingleIssuer) != 0))
        {
            throw new InvalidOperationException("The loop belongs to the thread that drove it first; make another one for this thread.");
        }

        Ring.Enable();
        _thread = thread;
        _attached = true;
        s_current = this;
    }

    /// <summary>Lets the calling thread go: it may drive another loop. The ring stays bound to it.</summary>
    public void Detach()
    {
        if (s_current == this)
        {
            s_current = null;
            _attached = false;
        }
    }

    /// <summary>
    /// The next submission, for an operation: the caller fills it with a <c>Prep</c> method. The operation is under way
    /// from now on.
    /// </summary>
    /// <param name="operation">It is not under way.</param>
    /// <exception cref="InvalidOperationException">It is.</exception>
    public ref io_uring_sqe Prepare(RingOperation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        if (operation.IsUnderWay)
        {
            throw new InvalidOperationException("The operation is under way already.");
        }

        ref io_uring_sqe sqe = ref Ring.GetSqe();
        operation.Slot = TakeSlot(operation);
        operation.IsCancelled = false;
        sqe.user_data = (ulong)operation.Slot;
        return ref sqe;
    }

    /// <summary>Asks the kernel to cancel an operation. It completes all the same, mostly with ECANCELED.</summary>
    /// <param name="operation">One that this loop prepared; if it is not under way, nothing happens.</param>
    public void Cancel(RingOperation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        if (operation.IsUnderWay)
        {
            ulong target = (ulong)operation.Slot;
            ref io_uring_sqe sqe = ref Ring.GetSqe();
            sqe.PrepCancel(target);
            sqe.user_data = NobodysData;
            operation.IsCancelled = true;
        }
    }

    /// <summary>Adds a channel; its submissions carry <see cref="UserData"/>. On the loop's thread.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="gathers">Whether it is to be told before the loop submits (<see cref="IRingChannel.Submitting"/>).</param>
    /// <returns>Its number.</returns>
    public int AddChannel(IRingChannel channel, bool gathers = false)
    {
        ArgumentNullException.ThrowIfNull(channel);
        if (gathers)
        {
            _gathering = [.. _gathering, channel];
        }

        int free = _channels.IndexOf(null, 1);
        if (free > 0)
        {
            _channels[free] = channel;
            return free;
        }

        if (_channels.Count > MostChannels)
        {
            throw new InvalidOperationException($"A loop has at most {MostChannels} channels.");
        }

        _channels.Add(channel);
        return _channels.Count - 1;
    }

    /// <summary>Takes a channel away; what it has under way completes unseen, and nobody gets the number before it has.</summary>
    /// <param name="number">As <see cref="AddChannel"/> said.</param>
    /// <param name="underWay">How many submissions with the number have not completed for the last time yet.</param>
    public void RemoveChannel(int number, int underWay = 0)
    {
        _gathering = [.. _gathering.Where(channel => channel != _channels[number])];
        _channels[number] = underWay > 0 ? new RemovedChannel(this, number, underWay) : null;
    }

    /// <summary>The <see cref="io_uring_sqe.user_data"/> of a channel's submission.</summary>
    /// <param name="channel">The channel's number.</param>
    /// <param name="data">What the channel gets back; below 2^56.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong UserData(int channel, ulong data) => ((ulong)channel << ChannelShift) | data;

    /// <summary>How often the thread was woken by another one.</summary>
    internal long Wakes => _waker.Wakes;

    // Of a channel that nobody has: for what completes unseen.
    private static ulong NobodysData => UserData(NobodysChannel, 0);

    private sealed class RemovedChannel(RingLoop loop, int number, int underWay) : IRingChannel
    {
        private int _underWay = underWay;

        public void Completed(ulong data, int result, CqeFlags flags)
        {
            if ((flags & CqeFlags.More) == 0 && --_underWay == 0)
            {
                loop._channels[number] = null;
            }
        }
    }

    private int TakeSlot(RingOperation operation)
    {
        if (_freeCount == 0)
        {
            int first = _operations.Length;
            Array.Resize(ref _operations, first * 2);
            Array.Resize(ref _freeSlots, first * 2);
            FreeSlotsFrom(first);
        }

        int slot = _freeSlots[--_freeCount];
        _operations[slot] = operation;
        return slot;
    }

    private void FreeSlotsFrom(int first)
    {
        for (int slot = _operations.Length - 1; slot >= first; slot--)
        {
            _freeSlots[_freeCount++] = slot;
        }
    }
}
