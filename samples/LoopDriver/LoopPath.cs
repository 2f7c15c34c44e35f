using LibMultipath.Block;

namespace LoopDriver;

/// <summary>
/// A path to a file, with a descriptor of its own: closing it is a failure of this path alone. A submission only puts
/// the attempt on a queue; threads of the path carry it out.
/// </summary>
/// <remarks>
/// All members may be used on any thread. A path that was added to a head is released when it is removed from it; one
/// that was not is disposed.
/// </remarks>
public sealed partial class LoopPath : DriverDisk, IDisposable
{
    private readonly LoopOptions _options;
    private readonly LoopQueue _queue;

    private LoopPath(string name, LoopOptions options, LoopFile file)
        : base(name, file.CapacitySectors, file.Limits, options.ReadOnly)
    {
        _options = options;
        _queue = new LoopQueue(name, options, file.Handle);
        Identity = file.Identity;
    }

    /// <summary>The file, as a full path.</summary>
    public string File => _options.File;

    /// <summary>What the file is, whatever its name.</summary>
    public FileIdentity Identity { get; }

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
        if (!_queue.TryAdd(attempt))
        {
            attempt.FailPath(BlockStatus.Transport);
        }
    }

    /// <inheritdoc/>
    protected override void Abort(BioAttempt attempt)
    {
        // What is in a system call cannot be stopped, and ends as it ends.
        if (_queue.TryRemove(attempt))
        {
            attempt.FailPath(BlockStatus.Transport);
        }
    }

    /// <inheritdoc/>
    protected override void AbortAll() => _queue.AbortAll();

    /// <inheritdoc/>
    protected override void Release()
    {
        lock (_stateLock)
        {
            _released = true;
            _queue.Stop();
        }
    }
}
