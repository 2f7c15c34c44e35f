using System.Runtime.CompilerServices;
using LibMultipath.Block;
using LibMultipath.IoUring.Abi;
using LibMultipath.IoUring.Interop;

namespace LibMultipath.IoUring.Loops;

/// <summary>
/// Wakes a loop's thread out of the kernel: a read of an event counter that stays armed on its ring. The counter is
/// only written when the thread is parked or about to be; a busy loop is never disturbed.
/// </summary>
/// <remarks>
/// The thread says that it parks and then looks whether there is work; who has work puts it down and then looks
/// whether the thread parks. Both with a full fence in between, so at least one of the two sees the other.
/// </remarks>
internal sealed unsafe class RingWaker : RingOperation, IDisposable
{
    private readonly RingLoop _loop;
    private readonly RingHandle _counter;
    private readonly MappedMemory _value = MappedMemory.Anonymous(sizeof(ulong));
    private int _parked;
    private long _wakes;

    public RingWaker(RingLoop loop)
    {
        _loop = loop;
        int descriptor = Libc.EventFd();
        if (descriptor < 0)
        {
            Errno error = Libc.LastError;
            _value.Dispose();
            throw new RingException(error, "making an event counter (eventfd)", RingException.ForDescriptors(error));
        }

        _counter = new RingHandle(descriptor);
    }

    /// <summary>How often the counter was written.</summary>
    public long Wakes => Volatile.Read(ref _wakes);

    /// <summary>The thread is about to wait: from here on whoever has work for it wakes it.</summary>
    public void Park() => Interlocked.Exchange(ref _parked, 1);

    /// <summary>The thread does not wait any more.</summary>
    public void Unpark() => Volatile.Write(ref _parked, 0);

    /// <summary>Wakes the thread if it is parked. After a full fence.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Wake()
    {
        if (Volatile.Read(ref _parked) != 0)
        {
            WakeParked();
        }
    }

    /// <summary>Arms the read, on the loop's thread, if it is not.</summary>
    /// <returns>False when the ring has no room for it: then nothing would wake the thread.</returns>
    public bool TryArm()
    {
        if (IsUnderWay)
        {
            return true;
        }

        if (!_loop.Ring.TryReserve(1))
        {
            return false;
        }

        _loop.Prepare(this).PrepRead((int)_counter.DangerousGetHandle(), _value.Address, sizeof(ulong), 0);
        return true;
    }

    public void Dispose()
    {
        _counter.Dispose();
        if (IsUnderWay)
        {
            // The kernel may still write there, so nobody else may ever have it.
            _value.SetHandleAsInvalid();
        }
        else
        {
            _value.Dispose();
        }
    }

    protected internal override void Completed(int result, CqeFlags flags)
    {
        // The loop arms it again before it parks.
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WakeParked()
    {
        // One write is enough, whoever does it.
        if (Interlocked.Exchange(ref _parked, 0) != 0)
        {
            Interlocked.Increment(ref _wakes);
            bool held = false;
            try
            {
                _counter.DangerousAddRef(ref held);
                ulong one = 1;
                Libc.Write((int)_counter.DangerousGetHandle(), &one, sizeof(ulong));
            }
            catch (ObjectDisposedException)
            {
                // The loop is gone, and with it the thread that would wake.
            }
            finally
            {
                if (held)
                {
                    _counter.DangerousRelease();
                }
            }
        }
    }
}
