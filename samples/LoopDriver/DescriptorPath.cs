using LibMultipath.Block;
using LibMultipath.IoUring;
using Microsoft.Win32.SafeHandles;

namespace LoopDriver;

/// <summary>
/// A path with a descriptor of its own: closing it is a failure of this path alone. A submission only puts the attempt on
/// a queue or a ring; threads of the path or of the kernel carry it out. What the descriptor leads to, the drivers say
/// that derive from this.
/// </summary>
/// <remarks>
/// <para>All members may be used on any thread. A path that was added to a head is released when it is removed from it;
/// one that was not is disposed.</para>
/// <para><b>Rings.</b> What is submitted on a thread that drives a <see cref="LibMultipath.IoUring.Loops.RingLoop"/> goes
/// onto that loop's ring, and ends on that thread: it must go on turning, and must not wait for an I/O of its own, nor
/// remove the path. A loop that is disposed there ends what is under way on it first: cancelled I/O fails the path.</para>
/// </remarks>
public abstract partial class DescriptorPath : DriverDisk, IDisposable
{
    private readonly DescriptorTarget _target;
    private readonly LoopQueue _queue;
    private readonly LoopRing? _ring;

    private protected DescriptorPath(string name, DescriptorOptions options, DescriptorTarget target, OpenDescriptor descriptor)
        : base(name, descriptor.CapacitySectors, descriptor.Limits, options.ReadOnly, logger: options.Logger)
    {
        _target = target;
        _queue = new LoopQueue(options, descriptor.Handle);
        if (options.Engine != LoopEngine.Threads)
        {
            try
            {
                _ring = new LoopRing(name, _queue, options.MakeLoop(), target);
                Engine = LoopEngine.Ring;
                SetLimits(Limits with { Features = Limits.Features | QueueFeatures.RegisteredBuffers });
                return;
            }
            catch (RingException exception)
            {
                WhyNoRing = options.Engine == LoopEngine.Auto ? exception.Message : throw new BlockException(exception.Errno, $"{File} cannot be used on a ring: {exception.Message}");
            }
        }

        Engine = LoopEngine.Threads;
        LoopThreads.Start(name, options.Workers, _queue, target);
    }

    /// <summary>What it leads to: the file or the device, as a full path.</summary>
    public string File => _target.File;

    /// <summary>How I/O is carried out: <see cref="LoopEngine.Ring"/> or <see cref="LoopEngine.Threads"/>.</summary>
    public LoopEngine Engine { get; }

    /// <summary>Why there is no ring though one was wanted, and what to do; null if there is, or none was.</summary>
    public string? WhyNoRing { get; }

    /// <summary>The descriptor; null if there is none.</summary>
    private protected SafeFileHandle? Handle => _queue.File;

    /// <summary>Ends the path: for one that is not, or not any more, with a head.</summary>
    public void Dispose() => Release();

    /// <inheritdoc/>
    protected override void SubmitBio(BioAttempt attempt)
    {
        if (!(_ring is { } ring && ring.TryBegin(attempt)) && !_queue.TryAdd(attempt))
        {
            attempt.FailPath(BlockStatus.Transport);
        }
    }

    /// <inheritdoc/>
    protected override void Abort(BioAttempt attempt)
    {
        // What is in a system call cannot be stopped, and ends as it ends; what a ring has, perhaps.
        if (_queue.TryRemove(attempt))
        {
            attempt.FailPath(BlockStatus.Transport);
        }
        else
        {
            _ring?.Abort(attempt);
        }
    }

    /// <inheritdoc/>
    protected override void AbortAll()
    {
        _queue.AbortAll();
        _ring?.Abort(null);
    }

    /// <inheritdoc/>
    protected override void Release()
    {
        lock (StateLock)
        {
            IsReleased = true;
            _queue.Stop();
            _ring?.LetGo();
        }
    }
}
