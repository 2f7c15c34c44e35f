using System.Runtime.InteropServices;
using System.Text;
using LibMultipath.Block;
using LibMultipath.IoUring;
using LibMultipath.IoUring.Abi;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Interop;
using Microsoft.Win32.SafeHandles;

namespace LibMultipath.Ublk.Control;

/// <summary>
/// A small ring that runs commands one after the other, each bounded and cancellable. A command that the kernel does not
/// let go takes the ring and its memory with it (<see cref="IsAbandoned"/>): the next command has a ring of its own.
/// </summary>
/// <remarks>
/// One thread at a time. Not a ring with a single issuer: the kernel's worker puts the completion into the queue by
/// itself then, so that another thread can find it there when the one that submitted is gone.
/// </remarks>
internal sealed unsafe class ControlRing : IDisposable
{
    private const ulong CommandDone = 1;
    private const ulong CancelDone = 2;
    private const ulong Raised = 3;
    private const ulong Nudged = 4;
    private const uint PollIn = 1;

    // How long a command that was cancelled may take to end: it is woken by a signal at once if it can be woken at all.
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_firstNudge = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_lastNudge = TimeSpan.FromSeconds(1);
    private static readonly RingOptions s_options = new() { Entries = 4, LargeSubmissions = true, SingleIssuer = false };

    private readonly SafeFileHandle _control;
    private readonly Ring _ring;
    private readonly ControlMemory _memory = new();
    private SafeFileHandle? _signal;
    private bool _raised;
    private bool _underWay;
    private int _result;

    private ControlRing(SafeFileHandle control, Ring ring)
    {
        _control = control;
        _ring = ring;
    }

    /// <summary>Whether a command is still under way that nobody waits for any more.</summary>
    public bool IsAbandoned { get; private set; }

    /// <summary>The last command that was run.</summary>
    public ControlCommand Command { get; private set; }

    /// <summary>Makes a ring for commands to a control device.</summary>
    /// <exception cref="UblkException">There is no io_uring to be had.</exception>
    public static ControlRing Open(SafeFileHandle control)
    {
        try
        {
            return new ControlRing(control, Ring.Create(s_options));
        }
        catch (RingException exception)
        {
            throw UblkErrors.Ring(exception);
        }
    }

    /// <summary>Runs a command to its end.</summary>
    /// <param name="command">The command.</param>
    /// <param name="path">The char device that an unprivileged device is named by; null for any other.</param>
    /// <param name="payload">What the command reads and writes; empty for nothing.</param>
    /// <param name="deadline">When it is cancelled.</param>
    /// <param name="cancellation">Cancels it before.</param>
    /// <returns>Not negative, or an errno with a minus sign.</returns>
    /// <exception cref="UblkException">It was not done in time; it has no effect any more unless the ring is abandoned.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public int Run(ControlCommand command, string? path, Span<byte> payload, Deadline deadline, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Command = command;
        using CancellationTokenRegistration registration = Arm(cancellation);
        int offset = Submit(command, path, payload);
        bool inTime = Wait(deadline, heedSignal: true);
        if (!inTime)
        {
            ref io_uring_sqe cancel = ref _ring.GetSqe();
            cancel.PrepCancel(CommandDone);
            cancel.user_data = CancelDone;
            IsAbandoned = !Wait(new Deadline(s_grace), heedSignal: false);
        }

        // What was done before it could be cancelled is done.
        if (IsAbandoned || (!inTime && -_result is (int)Errno.EINTR or (int)Errno.ECANCELED))
        {
            cancellation.ThrowIfCancellationRequested();
            throw UblkErrors.Timeout(command.Number, command.Id, deadline.Length, IsAbandoned);
        }

        _memory.Span.Slice(offset, payload.Length).CopyTo(payload);
        return _result;
    }

    /// <summary>Whether the command that was abandoned has ended by now. From any thread, if only one at a time.</summary>
    /// <param name="result">How.</param>
    /// <param name="payload">What it wrote, until the ring is disposed.</param>
    public bool HasEnded(out int result, out ReadOnlySpan<byte> payload)
    {
        Drain();
        IsAbandoned = _underWay;
        result = _result;
        payload = _memory.Span;
        return !_underWay;
    }

    /// <summary>Closes the ring, and gives the memory back unless the kernel may still write to it.</summary>
    public void Dispose()
    {
        _ring.Dispose();
        _signal?.Dispose();
        if (!_underWay)
        {
            _memory.Dispose();
        }
    }

    // The kernel finds the path, if there is one, in front of the payload; zeroes behind it keep the payload aligned.
    private int Submit(ControlCommand command, string? path, Span<byte> payload)
    {
        Span<byte> memory = _memory.Span;
        int offset = 0;
        if (path is not null)
        {
            offset = (Encoding.UTF8.GetByteCount(path) + 8) & ~7;
            memory[..offset].Clear();
            Encoding.UTF8.GetBytes(path, memory);
        }

        payload.CopyTo(memory[offset..]);
        int length = offset + payload.Length;
        ref io_uring_sqe sqe = ref _ring.GetSqe();
        sqe.PrepUringCmd((int)_control.DangerousGetHandle(), command.Number);
        sqe.user_data = CommandDone;
        *(ublksrv_ctrl_cmd*)sqe.Command = new ublksrv_ctrl_cmd
        {
            dev_id = (uint)command.Id,
            queue_id = ushort.MaxValue,
            len = (ushort)length,
            addr = length == 0 ? 0 : _memory.Address,
            data = command.Data,
            dev_path_len = (ushort)offset,
        };
        _underWay = true;
        return offset;
    }

    // The token's callback raises a counter that the ring polls: so the wait in the kernel ends without anybody looking.
    private CancellationTokenRegistration Arm(CancellationToken cancellation)
    {
        if (!cancellation.CanBeCanceled)
        {
            return default;
        }

        if (_signal is null)
        {
            _signal = Libc.EventCounter(out Errno errno)
                ?? throw new UblkException(UblkErrorKind.Other, errno, "making an event counter (eventfd)", Marshal.GetPInvokeErrorMessage((int)errno));
            ref io_uring_sqe sqe = ref _ring.GetSqe();
            sqe.PrepPoll((int)_signal.DangerousGetHandle(), PollIn, multishot: false);
            sqe.user_data = Raised;
        }

        return cancellation.UnsafeRegister(static signal => Libc.Raise((SafeFileHandle)signal!), _signal);
    }

    /// <summary>Waits until the command has ended; false when the time is over or the signal was raised first.</summary>
    /// <remarks>
    /// The kernel's worker runs the command. When a thread's last ring is closed its workers leave, and Linux 7.2 may give
    /// the next ring's command to one that is about to: nobody runs it then, until more work comes. So some more comes.
    /// </remarks>
    private bool Wait(Deadline deadline, bool heedSignal)
    {
        TimeSpan patience = s_firstNudge;
        while (true)
        {
            // At least once, whatever the deadline: this is what submits.
            TimeSpan left = deadline.Left;
            bool came = _ring.SubmitAndWait(1, left == Timeout.InfiniteTimeSpan || left > patience ? patience : left);
            Drain();
            if (!_underWay || deadline.IsOver || (heedSignal && _raised))
            {
                return !_underWay;
            }

            if (!came)
            {
                ref io_uring_sqe nudge = ref _ring.GetSqe();
                nudge.PrepNop();
                nudge.flags = SqeFlags.Async;
                nudge.user_data = Nudged;
                patience = patience + patience < s_lastNudge ? patience + patience : s_lastNudge;
            }
        }
    }

    private void Drain()
    {
        while (_ring.TryGetCompletion(out RingCompletion completion))
        {
            switch (completion.UserData)
            {
                case CommandDone:
                    _underWay = false;
                    _result = completion.Result;
                    break;
                case Raised:
                    _raised = true;
                    break;
            }
        }
    }
}
