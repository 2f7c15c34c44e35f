using Microsoft.Extensions.Logging;

namespace LibMultipath.Block;

/// <summary>
/// A disk whose bios a driver carries out: the base of a path's own disk. A driver derives from it, and is done when
/// <see cref="SubmitBio"/> works.
/// </summary>
/// <remarks>
/// A bio that reaches the driver is within the capacity, aligned to the logical block and within the limits; a flush
/// or FUA reaches it only if the limits say that there is a volatile cache, or FUA.
/// </remarks>
public abstract class DriverDisk : BlockDevice
{
    // As often as nvme retries a command that asks for it.
    internal const int MaxRetries = 5;

    private readonly RetryQueue _retries;

    /// <summary>Makes the disk.</summary>
    /// <param name="name">What people call it.</param>
    /// <param name="capacitySectors">In sectors of 512 bytes; a multiple of the logical block.</param>
    /// <param name="limits">What bios must keep to; null for the defaults.</param>
    /// <param name="readOnly">Whether writes are refused.</param>
    /// <param name="timeProvider">Times retries; null for the system's.</param>
    /// <param name="logger">Where faults are logged; null for nowhere.</param>
    /// <exception cref="ArgumentException">A limit or the capacity is not valid; the message names it.</exception>
    protected DriverDisk(
        string name,
        long capacitySectors,
        QueueLimits? limits = null,
        bool readOnly = false,
        TimeProvider? timeProvider = null,
        ILogger? logger = null)
        : base(name, new DiskShape(capacitySectors, limits ?? new QueueLimits(), readOnly), logger) =>
        _retries = new RetryQueue(timeProvider ?? TimeProvider.System);

    /// <summary>
    /// Starts an attempt. It must not block. The driver ends the attempt exactly once, inside this call or later, on
    /// any thread. An exception means that nothing was started: the attempt counts as failed on this path.
    /// </summary>
    /// <param name="attempt">What to do, and how to tell that it is done.</param>
    protected abstract void SubmitBio(BioAttempt attempt);

    /// <summary>
    /// Asks for an attempt back, because its submitter does not want it any more. A driver that can, stops it and
    /// ends it (with any status) once its memory will not be touched any more; one that cannot does nothing, and
    /// the attempt ends by itself. It must not block, and must take no lock that is held while an attempt is ended.
    /// </summary>
    /// <param name="attempt">It may be over by now.</param>
    protected internal virtual void Abort(BioAttempt attempt)
    {
    }

    /// <summary>
    /// Asks for all attempts back, because the path is being removed; what comes back goes on on another path. As
    /// for <see cref="Abort"/>, a driver that cannot does nothing: the removal then waits for them. An attempt whose
    /// <see cref="SubmitBio"/> comes after this call is asked back by <see cref="Abort"/>.
    /// </summary>
    protected internal virtual void AbortAll()
    {
    }

    /// <summary>
    /// The path of this disk has been removed, and no attempt is under way: the driver lets go of what it has
    /// (descriptors, connections). Called once by the head; may block.
    /// </summary>
    protected internal virtual void Release()
    {
    }

    /// <summary>Changes the capacity, in sectors of 512 bytes. A path's head hears of it when it revalidates.</summary>
    /// <exception cref="ArgumentException">It is negative or no multiple of the logical block.</exception>
    protected void SetCapacity(long capacitySectors) => Reshape(capacitySectors: capacitySectors);

    /// <summary>Changes the limits. A path's head hears of it when it revalidates.</summary>
    /// <exception cref="ArgumentException">A limit is not valid; the message names it.</exception>
    protected void SetLimits(QueueLimits limits) => Reshape(limits: limits);

    /// <summary>Changes whether writes are refused.</summary>
    protected void SetReadOnly(bool readOnly) => Reshape(readOnly: readOnly);

    /// <summary>Hands a bio to the driver.</summary>
    /// <param name="bio">The bio.</param>
    /// <param name="submitted">What its submitter can ask for back: the bio itself, or the one that it stands for.</param>
    /// <returns>The attempt. It may be over by now.</returns>
    internal BioAttempt StartAttempt(Bio bio, Bio submitted)
    {
        bio.SetDevice(this);
        bool cancellable = submitted.IsCancellable;
        BioAttempt attempt = bio.BeginAttempt();
        try
        {
            SubmitBio(attempt);
        }
        catch (Exception exception)
        {
            ReportSubmitFault(exception);
            attempt.FailPath(BlockStatus.IoError);
        }

        // Who asked for the bio back before there was an attempt to abort is not forgotten. The attempt may be over
        // and the bio another's: Abort then meets an attempt that is not under way, and does nothing.
        if (cancellable && submitted.WasAskedBack())
        {
            AskBack(attempt);
        }

        return attempt;
    }

    /// <summary>Asks the driver for an attempt. It may be over by now.</summary>
    internal void AskBack(BioAttempt attempt)
    {
        if (!attempt.IsUnderWay)
        {
            return;
        }

        try
        {
            Abort(attempt);
        }
        catch (Exception exception)
        {
            // Who asks must go on, or the bio would never end; the driver still has it.
            ReportAbortFault(exception);
        }
    }

    /// <summary>Asks the driver for all attempts.</summary>
    internal void AskAllBack()
    {
        try
        {
            AbortAll();
        }
        catch (Exception exception)
        {
            ReportAbortFault(exception);
        }
    }

    /// <summary>Keeps a bio, and gives it back to its owner's <see cref="BlockDevice.Resume"/> after the delay.</summary>
    internal void RetryLater(Bio bio, TimeSpan delay) => _retries.Add(bio, delay);

    /// <summary>Gives all bios that wait to be retried back to their owners now.</summary>
    internal void FlushRetries() => _retries.Flush();

    internal override void Route(Bio bio, DiskShape shape) => StartAttempt(bio, bio);

    internal override void Resume(Bio bio) => Reissue(bio);

    internal override void AttemptEnded(Bio bio, AttemptOutcome outcome, BlockStatus status, TimeSpan delay)
    {
        if (bio.CancelRequested && status != BlockStatus.Ok)
        {
            bio.FinishCancelled();
        }
        else if (outcome == AttemptOutcome.Retry && bio.TryCountRetry(MaxRetries))
        {
            RetryLater(bio, delay);
        }
        else
        {
            bio.Finish(bio.StatusUnretried(outcome, status));
        }
    }

    internal override void AbortAttempt(Bio bio) => AskBack(bio.CurrentAttempt);
}
