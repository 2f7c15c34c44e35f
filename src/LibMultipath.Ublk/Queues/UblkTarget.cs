namespace LibMultipath.Ublk.Queues;

/// <summary>
/// What serves the requests of a device: derive from it, and be done when <see cref="Handle"/> works. One target may
/// serve any number of queues.
/// </summary>
/// <remarks>
/// All methods are called on the thread that drives the queue. None may block for long: nothing else of the queue goes
/// on meanwhile. An exception fails the request with EIO, is logged, and goes no further.
/// </remarks>
public abstract class UblkTarget
{
    /// <summary>
    /// A request has come. It is completed once, in this call or later, on any thread, with one of the request's
    /// <c>Complete</c> methods. The queue's ring has room for a submission.
    /// </summary>
    /// <param name="request">The request.</param>
    protected internal abstract void Handle(UblkRequest request);

    /// <summary>The queue is about to fetch its first request.</summary>
    /// <param name="queue">The queue.</param>
    protected internal virtual void QueueStarting(UblkQueue queue)
    {
    }

    /// <summary>The queue is gone, and will bring no more requests. Some may still be with the target.</summary>
    /// <param name="queue">The queue.</param>
    protected internal virtual void QueueEnded(UblkQueue queue)
    {
    }

    /// <summary>A request was handed back to the kernel, and its buffer is free.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="tag">The request's tag.</param>
    /// <param name="result">Bytes, or minus an errno.</param>
    protected internal virtual void Committed(UblkQueue queue, int tag, int result)
    {
    }

    /// <summary>
    /// There has been nothing to do for a while, and no request is with the target, nor on its way: memory can be given back.
    /// Never said on a ring without <see cref="LibMultipath.IoUring.Abi.RingSetup.DeferTaskRun"/>, where one may come any time.
    /// </summary>
    /// <param name="queue">The queue.</param>
    protected internal virtual void Idle(UblkQueue queue)
    {
    }

    /// <summary>
    /// The buffer of a tag, for a target that has its own. It stays valid until <see cref="FreeBuffer"/>, and is aligned
    /// to the page.
    /// </summary>
    /// <param name="queue">The queue.</param>
    /// <param name="tag">The tag.</param>
    /// <param name="bytes">At least so long.</param>
    /// <returns>Its address; 0, as here, for one of the queue's own.</returns>
    protected internal virtual nint AllocateBuffer(UblkQueue queue, int tag, int bytes) => 0;

    /// <summary>A buffer that <see cref="AllocateBuffer"/> gave is not used any more. On any thread.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="tag">The tag.</param>
    /// <param name="address">Its address.</param>
    protected internal virtual void FreeBuffer(UblkQueue queue, int tag, nint address)
    {
    }
}
