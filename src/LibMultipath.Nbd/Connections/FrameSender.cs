using System.Buffers;
using System.IO.Pipelines;
using LibMultipath.Block;
using LibMultipath.Nbd.Interop;
using LibMultipath.Nbd.Protocol;

namespace LibMultipath.Nbd.Connections;

/// <summary>
/// Sends frames over a connection, in order. Whoever has something to send sends it, without waiting, and what others add
/// meanwhile too: many frames go with one system call, their data from where it is. When the socket takes no more, the
/// rest is sent where the connection's scheduler says. Over TLS everything is sent there.
/// </summary>
/// <remarks>Any thread may add and flush. One sends at a time.</remarks>
internal sealed unsafe partial class FrameSender
{
    private const int MostPieces = 256;

    private readonly Lock _lock = new();
    private readonly NbdConnection _connection;
    private readonly PipeScheduler _scheduler;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Under the lock: what waits, whether somebody sends, and whether nothing is sent any more.
    private NbdFrame? _first;
    private NbdFrame? _last;
    private bool _sending;
    private bool _broken;

    // Of whoever sends: what it has taken, and how much of the first frame has left.
    private readonly iovec[] _pieces = GC.AllocateArray<iovec>(MostPieces, pinned: true);
    private readonly MemoryHandle[] _pins = new MemoryHandle[MostPieces];
    private NbdFrame? _batch;
    private long _offset;

    /// <summary>Makes the sender of a connection.</summary>
    public FrameSender(NbdConnection connection, PipeScheduler scheduler)
    {
        _connection = connection;
        _scheduler = scheduler;
    }

    /// <summary>How sending is going.</summary>
    private enum Progress
    {
        /// <summary>All has left, and nobody sends any more.</summary>
        Done,

        /// <summary>There is more, and the socket takes nothing now.</summary>
        Stalled,
    }

    /// <summary>Completes when nothing is sent any more, and no frame is the sender's. Only after <see cref="Break"/>.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Whether a frame has been with the sender for some time without moving: what has left so far, to compare.</summary>
    public long BytesSent { get; private set; }

    /// <summary>Whether somebody sends now.</summary>
    public bool IsSending => Volatile.Read(ref _sending);

    /// <summary>Puts a frame in the queue; <see cref="Flush"/> is to follow.</summary>
    /// <returns>False if nothing is sent any more: the frame stays the caller's.</returns>
    public bool TryAdd(NbdFrame frame)
    {
        frame.IsBegun = false;
        frame.IsTaken = false;
        frame.Next = null;
        lock (_lock)
        {
            if (_broken)
            {
                return false;
            }

            if (_last is null)
            {
                _first = frame;
            }
            else
            {
                _last.Next = frame;
            }

            _last = frame;
            return true;
        }
    }

    /// <summary>Takes a frame back that nobody has begun to send.</summary>
    /// <returns>False if it is too late.</returns>
    public bool TryRemove(NbdFrame frame)
    {
        lock (_lock)
        {
            NbdFrame? before = null;
            for (NbdFrame? each = _first; each is not null; before = each, each = each.Next)
            {
                if (!ReferenceEquals(each, frame))
                {
                    continue;
                }

                if (before is null)
                {
                    _first = frame.Next;
                }
                else
                {
                    before.Next = frame.Next;
                }

                if (ReferenceEquals(_last, frame))
                {
                    _last = before;
                }

                frame.Next = null;
                return true;
            }

            return false;
        }
    }

    /// <summary>Sends what there is, if nobody does yet. Does not wait.</summary>
    public void Flush()
    {
        lock (_lock)
        {
            if (_sending || _broken || _first is null)
            {
                return;
            }

            _sending = true;
        }

        SendOrHandOver();
    }

    /// <summary>Nothing is sent any more but what is on its way.</summary>
    public void Break()
    {
        lock (_lock)
        {
            _broken = true;
            if (_sending)
            {
                return;
            }
        }

        _ended.TrySetResult();
    }

    private void SendOrHandOver()
    {
        try
        {
            if (SendWhatFits() == Progress.Stalled)
            {
                _scheduler.Schedule(static state => _ = ((FrameSender)state!).SendSlowlyAsync(), this);
            }
        }
        catch (Exception exception)
        {
            // Whatever it is, nobody else would end the sending.
            Fail(exception);
        }
    }

    private Progress SendWhatFits()
    {
        while (true)
        {
            if (_batch is null && !TryTakeBatch())
            {
                return Progress.Done;
            }

            if (_connection.IsSecure)
            {
                return Progress.Stalled;
            }

            long sent = SendGathered();
            if (sent < 0)
            {
                return Progress.Stalled;
            }

            Advance(sent);
        }
    }

    // Everything that waits becomes the batch; if nothing does, nobody sends any more.
    private bool TryTakeBatch()
    {
        lock (_lock)
        {
            _batch = _first;
            _first = null;
            _last = null;
            if (_batch is not null && !_broken)
            {
                for (NbdFrame? frame = _batch; frame is not null; frame = frame.Next)
                {
                    frame.IsTaken = true;
                }

                return true;
            }

            _batch = null;
            _sending = false;
            if (!_broken)
            {
                return false;
            }
        }

        _ended.TrySetResult();
        return false;
    }

    /// <summary>One system call.</summary>
    /// <returns>How many bytes the socket has taken; -1 if it takes none now.</returns>
    private long SendGathered()
    {
        int pieces = 0;
        int pins = 0;
        long skip = _offset;
        for (NbdFrame? frame = _batch; frame is not null && pieces < MostPieces; frame = frame.Next)
        {
            AddFrame(frame, skip, ref pieces, ref pins);
            skip = 0;
        }

        try
        {
            fixed (iovec* first = _pieces)
            {
                var message = new msghdr { msg_iov = first, msg_iovlen = (nuint)pieces };
                while (true)
                {
                    nint sent = Libc.Send(_connection.Socket.SafeHandle, &message, Libc.DontWait);
                    if (sent >= 0)
                    {
                        return sent;
                    }

                    Errno errno = Libc.LastError;
                    if (errno == Errno.EAGAIN)
                    {
                        return -1;
                    }

                    if (errno != Errno.EINTR)
                    {
                        throw new NbdProtocolException($"the connection takes no data any more ({errno})");
                    }
                }
            }
        }
        catch (ObjectDisposedException exception)
        {
            throw new NbdProtocolException("the connection was closed", exception);
        }
        finally
        {
            for (int i = 0; i < pins; i++)
            {
                _pins[i].Dispose();
            }
        }
    }

    private void AddFrame(NbdFrame frame, long skip, ref int pieces, ref int pins)
    {
        if (skip < frame.HeaderLength)
        {
            fixed (byte* header = frame.Header.Span)
            {
                _pieces[pieces++] = new iovec { iov_base = header + skip, iov_len = (nuint)(frame.HeaderLength - skip) };
            }

            skip = 0;
        }
        else
        {
            skip -= frame.HeaderLength;
        }

        foreach (ref readonly BioSegment segment in frame.Payload)
        {
            if (skip >= segment.Length)
            {
                skip -= segment.Length;
                continue;
            }

            if (pieces == MostPieces)
            {
                return;
            }

            nint address = segment.Address;
            if (!segment.IsNative)
            {
                MemoryHandle pin = segment.Memory.Pin();
                _pins[pins++] = pin;
                address = (nint)pin.Pointer;
            }

            _pieces[pieces++] = new iovec { iov_base = (void*)(address + (nint)skip), iov_len = (nuint)(segment.Length - skip) };
            skip = 0;
        }
    }

    // So much more has left, or will without looking at the frames again.
    private void Advance(long sent)
    {
        BytesSent += sent;
        _offset += sent;
        while (_batch is { } frame)
        {
            long length = frame.HeaderLength + frame.PayloadLength;
            if (_offset < length)
            {
                frame.IsBegun |= _offset > 0;
                return;
            }

            _offset -= length;
            _batch = frame.Next;
            frame.Next = null;
            frame.IsBegun = true;
            frame.OnSent();
        }
    }

    private void Fail(Exception exception)
    {
        _connection.Abort(exception.Message);
        lock (_lock)
        {
            _broken = true;
            _sending = false;
            _batch = null;
        }

        _ended.TrySetResult();
    }
}
