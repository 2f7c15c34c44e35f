using LibMultipath.Block;
using LibMultipath.IoUring;

namespace LoopDriver;

/// <summary>
/// A path to a file, with a descriptor of its own: closing it is a failure of this path alone. A submission only puts
/// the attempt on a queue or a ring; threads of the path or of the kernel carry it out.
/// </summary>
/// <remarks>
/// <para>All members may be used on any thread. A path that was added to a head is released when it is removed from it;
/// one that was not is disposed.</para>
/// <para><b>Rings.</b> What is submitted on a thread that drives a <see cref="LibMultipath.IoUring.Loops.RingLoop"/> goes
/// onto that loop's ring, and ends on that thread: it must go on turning, and must not wait for an I/O of its own, nor
/// remove the path. A loop that is disposed there ends what is under way on it first: cancelled I/O fails the path.</para>
/// </remarks>
public sealed partial class LoopPath : DriverDisk, IDisposable
{
    private readonly LoopOptions _options;
    private readonly LoopQueue _queue;
    private readonly LoopRing? _ring;

    private LoopPath(string name, LoopOptions options, LoopFile file)
        : base(name, file.CapacitySectors, file.Limits, options.ReadOnly)
    {
        _options = options;
        _queue = new LoopQueue(options, file.Handle);
        Identity = file.Identity;
        if (options.Engine != LoopEngine.Threads)
        {
            try
            {
                _ring = new LoopRing(name, _queue, options.MakeLoop(), options.Direct);
                Engine = LoopEngine.Ring;
                SetLimits(Limits with { Features = Limits.Features | QueueFeatures.RegisteredBuffers });
                return;
            }
            catch (RingException exception)
            {
                WhyNoRing = options.Engine == LoopEngine.Auto ? exception.Message : throw new BlockException(exception.Errno, $"{options.File} cannot be used on a ring: {exception.Message}");
            }
        }

        Engine = LoopEngine.Threads;
        LoopThreads.Start(name, options.Workers, _queue);
    }

    /// <summary>The file, as a full path.</summary>
    public string File => _options.File;

    /// <summary>Whether I/O goes past the page cache (O_DIRECT).</summary>
    public bool IsDirect => _options.Direct;

    /// <summary>What the file is, whatever its name.</summary>
    public FileIdentity Identity { get; }

    /// <summary>How I/O is carried out: <see cref="LoopEngine.Ring"/> or <see cref="LoopEngine.Threads"/>.</summary>
    public LoopEngine Engine { get; }

    /// <summary>Why there is no ring though one was wanted, and what to do; null if there is, or none was.</summary>
    public string? WhyNoRing { get; }

    /// <summary>Opens a file as a path.</summary>
    /// <param name="name">What people call the path.</param>
    /// <param name="options">The file, and how it is used.</param>
    /// <exception cref="BlockException">The file cannot be used; the message says why, and what to do.</exception>
    public static LoopPath Open(string name, LoopOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options = options with { File = System.IO.Path.GetFullPath(options.File) };
        LoopFile file = LoopFile.Open(options);
        try
        {
            return new LoopPath(name, options, file);
        }
        catch
        {
            file.Handle.Dispose();
            throw;
        }
    }

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
        lock (_stateLock)
        {
            _released = true;
            _queue.Stop();
            _ring?.LetGo();
        }
    }
}
