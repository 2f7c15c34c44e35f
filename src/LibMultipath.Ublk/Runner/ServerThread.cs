using LibMultipath.Block;
using LibMultipath.IoUring.Loops;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Devices;
using LibMultipath.Ublk.Interop;
using LibMultipath.Ublk.Queues;
using Microsoft.Extensions.Logging;

namespace LibMultipath.Ublk.Runner;

/// <summary>
/// A thread that serves queues, or a part of one: it makes the loop, fetches, and drives until the kernel has taken
/// every tag back or refuses one, or it is told to give up.
/// </summary>
internal sealed class ServerThread
{
    private readonly UblkDevice _device;
    private readonly UblkTarget _target;
    private readonly UblkRunnerOptions _options;
    private readonly IReadOnlyList<ServedTags> _parts;
    private readonly ILogger _logger;
    private readonly TaskCompletionSource _fetched = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;
    private readonly Lock _lock = new();
    private RingLoop? _loop;
    private bool _abandoned;

    public ServerThread(UblkDevice device, UblkTarget target, UblkRunnerOptions options, IReadOnlyList<ServedTags> parts, ILogger logger)
    {
        _device = device;
        _target = target;
        _options = options;
        _parts = parts;
        _logger = logger;
        _thread = new Thread(Serve) { IsBackground = true, Name = $"ublk{device.Info.Id}/{parts[0].QueueId}" };
    }

    /// <summary>Ends when every tag is with the kernel; fails if that cannot be.</summary>
    public Task Fetched => _fetched.Task;

    /// <summary>Ends when the thread serves no more; fails with what ended it, if that was not the device.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Whether the thread is one of those that memory is found for without the disk (<c>PR_SET_IO_FLUSHER</c>).</summary>
    public bool IsIoFlusher { get; private set; }

    /// <summary>Starts the thread; if there is none to be had, it has ended with that.</summary>
    public void Start()
    {
        try
        {
            _thread.Start();
        }
        catch (OutOfMemoryException exception)
        {
            // The runtime's word for whatever a thread lacks; for a moment it has two descriptors.
            Fail(UblkErrors.NoThread($"starting ublk device {_device.Id}", exception));
        }
    }

    /// <summary>The thread ends without waiting for the kernel, which fails or keeps what is under way. Any thread.</summary>
    public void Abandon()
    {
        lock (_lock)
        {
            _abandoned = true;
            _loop?.Stop();
        }
    }

    private void Serve()
    {
        try
        {
            Prepare();
            using var loop = new RingLoop(UblkQueue.RingFor(_parts.Sum(part => part.TagCount)));
            Drive(loop);
            _ended.TrySetResult();
        }
        catch (Exception exception)
        {
            Fail(exception);
        }
        finally
        {
            _fetched.TrySetException(new InvalidOperationException("The thread ended before it had fetched."));
            _ = _fetched.Task.Exception;
        }
    }

    private void Fail(Exception exception)
    {
        _logger.ServerThreadFailed(exception, _device.Info.Id, _parts[0].QueueId);
        _fetched.TrySetException(exception);
        _ = _fetched.Task.Exception;
        _ended.TrySetException(exception);
    }

    private void Drive(RingLoop loop)
    {
        var queues = new List<UblkQueue>();
        try
        {
            loop.Attach();
            lock (_lock)
            {
                _loop = loop;
                if (_abandoned)
                {
                    loop.Stop();
                }
            }

            foreach (ServedTags part in _parts)
            {
                var queue = new UblkQueue(_device, part.QueueId, loop, _target,
                    new UblkQueueOptions { FirstTag = part.FirstTag, TagCount = part.TagCount, Logger = _logger });
                queues.Add(queue);
                queue.Start();
            }

            loop.Poll(TimeSpan.Zero);
            if (FaultOf(queues) == Errno.None)
            {
                _fetched.TrySetResult();
                Drive(loop, queues);
            }
        }
        finally
        {
            lock (_lock)
            {
                _loop = null;
            }

            // The ring first: what is under way on it must have an end before the memory goes.
            try
            {
                loop.Dispose();
            }
            finally
            {
                queues.ForEach(static queue => queue.Dispose());
            }
        }

        Errno fault = FaultOf(queues);
        if (fault != Errno.None)
        {
            throw new UblkException(fault == Errno.EBUSY ? UblkErrorKind.Busy : UblkErrorKind.Other, fault, $"serving ublk device {_device.Id}",
                "the driver refuses to give requests", "see that nothing else of this process fetches from the device");
        }
    }

    private void Drive(RingLoop loop, List<UblkQueue> queues)
    {
        bool wasIdle = false;
        while (!loop.IsStopped && FaultOf(queues) == Errno.None && !queues.TrueForAll(static queue => queue.IsEnded))
        {
            if (loop.Poll(wasIdle ? Timeout.InfiniteTimeSpan : _options.IdleAfter))
            {
                wasIdle = false;
            }
            else if (!wasIdle)
            {
                wasIdle = true;
                queues.ForEach(static queue => queue.BeIdle());
            }
        }
    }

    // The driver does not refuse a tag and then give requests for it: half of a queue is none.
    private static Errno FaultOf(List<UblkQueue> queues)
    {
        foreach (UblkQueue queue in queues)
        {
            if (queue.Fault != Errno.None)
            {
                return queue.Fault;
            }
        }

        return Errno.None;
    }

    private void Prepare()
    {
        // A thread that the disk waits for must not wait for the disk when it needs memory.
        IsIoFlusher = Libc.SetIoFlusher();
        if (!IsIoFlusher)
        {
            _logger.NoIoFlusher(_device.Info.Id, Libc.LastError);
        }

        if (_options.PinThreads)
        {
            Pin(_device.GetQueueAffinity(_parts[0].QueueId));
        }
    }

    private unsafe void Pin(IReadOnlyList<int> processors)
    {
        if (processors.Count == 0)
        {
            return;
        }

        byte[] mask = new byte[(processors.Max() / 64 * 8) + 8];
        foreach (int processor in processors)
        {
            mask[processor / 8] |= (byte)(1 << (processor % 8));
        }

        fixed (byte* at = mask)
        {
            if (Libc.SetAffinity(0, (nuint)mask.Length, at) < 0)
            {
                _logger.NotPinned(_device.Info.Id, _parts[0].QueueId, Libc.LastError);
            }
        }
    }
}
