namespace LibMultipath.Block;

public abstract partial class BlockDevice
{
    /// <summary>
    /// Gives a bio to the disk (<c>submit_bio</c>). It ends exactly once, through <see cref="Bio.EndIo"/>, possibly
    /// before this method returns. A submission from inside a completion is started when the outermost submission
    /// on the thread gets to it.
    /// </summary>
    /// <param name="bio">Not submitted anywhere, with <see cref="Bio.EndIo"/>. It is the disk's until it has ended.</param>
    /// <param name="cancellationToken">
    /// Asks for the bio back. One that waits for a path ends at once, with the status <see cref="BlockStatus.Again"/>; one
    /// that is with a driver ends when the driver gives it back, because until then its memory is not the caller's.
    /// </param>
    /// <exception cref="InvalidOperationException">The bio is submitted and has not ended, or has no <see cref="Bio.EndIo"/>.</exception>
    public void Submit(Bio bio, CancellationToken cancellationToken = default)
    {
        if (bio.EndIo is null)
        {
            throw new InvalidOperationException("A bio without EndIo has no way to tell its end; submit it with SubmitAsync.");
        }

        bio.BeginSubmission(this);
        if (TryArm(bio, cancellationToken))
        {
            Issue(bio);
        }
    }

    /// <summary>
    /// Gives a bio to the disk, and tells through the task how it ended. Nothing is allocated when the task is
    /// awaited once, directly.
    /// </summary>
    /// <param name="bio">Not submitted anywhere, without <see cref="Bio.EndIo"/>. It is the disk's until the task has completed.</param>
    /// <param name="cancellationToken">
    /// Asks for the bio back. One that waits for a path ends at once, as cancelled, with the status
    /// <see cref="BlockStatus.Again"/>; one that is with a driver ends when the driver gives it back, because until
    /// then its memory is not the caller's.
    /// </param>
    /// <returns>How it ended. An I/O error is not an exception.</returns>
    /// <exception cref="InvalidOperationException">The bio is submitted and has not ended, or has an <see cref="Bio.EndIo"/>.</exception>
    /// <exception cref="OperationCanceledException">The task was cancelled.</exception>
    public ValueTask<BlockStatus> SubmitAsync(Bio bio, CancellationToken cancellationToken = default)
    {
        if (bio.EndIo is not null)
        {
            throw new InvalidOperationException("A bio with EndIo tells its end through that; submit it with Submit.");
        }

        bio.BeginSubmission(this);
        bio.BeginTask();
        short version = bio.Version;
        if (TryArm(bio, cancellationToken))
        {
            Issue(bio);
        }

        return new ValueTask<BlockStatus>(bio, version);
    }

    /// <summary>Starts a bio that this disk owns, now or when the outermost submission of the thread gets to it.</summary>
    internal static void Issue(Bio bio)
    {
        SubmissionList list = SubmissionList.Current;
        if (list.IsActive)
        {
            bio.Owner!.Defer(bio);
            list.Add(bio);
            return;
        }

        list.IsActive = true;
        try
        {
            bio.Owner!.Start(bio);
            if (!list.IsEmpty)
            {
                list.Drain();
            }
        }
        finally
        {
            list.IsActive = false;
        }
    }

    /// <summary>Checks a bio against the disk, and carries it out whole or in parts.</summary>
    internal virtual void Start(Bio bio)
    {
        DiskShape shape = Volatile.Read(ref _shape);
        if (shape.AcceptsWhole(bio))
        {
            Route(bio, shape);
        }
        else
        {
            StartUnusual(bio);
        }
    }

    /// <summary>A bio of this disk is about to wait for the outermost submission of the thread.</summary>
    internal virtual void Defer(Bio bio)
    {
    }

    /// <summary>Starts a bio again that has waited. What the disk has no use for may be another thing than before.</summary>
    internal static void Reissue(Bio bio)
    {
        bio.RestoreFlags();
        Issue(bio);
    }

    /// <summary>Carries out a bio that keeps to the limits.</summary>
    /// <param name="bio">The bio.</param>
    /// <param name="shape">What it was checked against.</param>
    internal abstract void Route(Bio bio, DiskShape shape);

    /// <summary>An attempt at a bio of this disk is over: the bio is this disk's again.</summary>
    internal abstract void AttemptEnded(Bio bio, AttemptOutcome outcome, BlockStatus status, TimeSpan delay);

    /// <summary>A bio of this disk has waited long enough to be retried where it was.</summary>
    internal abstract void Resume(Bio bio);

    /// <summary>Asks the driver that has a bio for it.</summary>
    internal abstract void AbortAttempt(Bio bio);

    /// <summary>Whether the disk is gone for good; its capacity is 0 then, so that every bio is looked at twice.</summary>
    internal virtual bool IsGone => false;

    /// <summary>Ends a bio of this disk.</summary>
    internal virtual void End(Bio bio, BlockStatus status) => bio.Finish(status);

    /// <summary>Ends a bio of this disk that was taken off a list because its submitter wants it back.</summary>
    internal virtual void EndCancelled(Bio bio) => bio.FinishCancelled();

    /// <summary>Ends a bio of this disk that was carried out in parts.</summary>
    internal virtual void EndCompound(Bio bio, BlockStatus status, bool cancelled)
    {
        if (cancelled)
        {
            bio.FinishCancelled();
        }
        else
        {
            bio.Finish(status);
        }
    }

    // False if it is cancelled already: then it has ended.
    private bool TryArm(Bio bio, CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
        {
            bio.ArmCancellation(cancellationToken);
            if (bio.CancelRequested)
            {
                EndCancelled(bio);
                return false;
            }
        }

        return true;
    }

    /// <summary>Everything that is not a plain read or write within the limits.</summary>
    internal virtual void StartUnusual(Bio bio)
    {
        DiskShape shape = Shape;
        BlockStatus refusal = IsGone ? BlockStatus.IoError : shape.Check(bio);
        if (refusal != BlockStatus.Ok)
        {
            End(bio, refusal);
            return;
        }

        if (bio.CancelRequested)
        {
            EndCancelled(bio);
            return;
        }

        CarryOut(bio, shape);
    }

    /// <summary>Carries out a bio that the disk does not refuse: whole or in parts.</summary>
    /// <param name="bio">The bio.</param>
    /// <param name="shape">What it was checked against.</param>
    internal virtual void CarryOut(Bio bio, DiskShape shape)
    {
        BioCompound.Steps steps = shape.Plan(bio);
        if (steps == BioCompound.Steps.None)
        {
            // A flush of a disk that keeps nothing back.
            End(bio, BlockStatus.Ok);
        }
        else if (steps == BioCompound.Steps.Data && !shape.NeedsSplit(bio))
        {
            Route(bio, shape);
        }
        else if (bio.Op == BioOp.ZoneAppend && shape.NeedsSplit(bio))
        {
            // Its parts could be apart.
            End(bio, BlockStatus.Invalid);
        }
        else
        {
            bio.Compound.Start(this, steps);
        }
    }
}
