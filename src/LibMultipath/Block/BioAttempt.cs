namespace LibMultipath.Block;

/// <summary>
/// One try of a driver at a bio. The driver that got it in <see cref="DriverDisk.SubmitBio"/> ends it exactly once,
/// on any thread, inside that call or later, with one of the methods below; until then the bio's memory is the
/// driver's, and afterwards it is not: a driver that gives up on a request (a timeout, an abort) first makes sure
/// that the device will not touch the memory or carry the request out any more.
/// </summary>
/// <remarks>
/// Ending an attempt twice, or one that is over, is caught: it is counted and logged, changes nothing, and the
/// method answers false.
/// </remarks>
public readonly struct BioAttempt : IEquatable<BioAttempt>
{
    private readonly long _number;

    internal BioAttempt(Bio bio, long number)
    {
        Bio = bio;
        _number = number;
    }

    /// <summary>The bio. Only valid while this attempt is under way.</summary>
    public Bio Bio { get; }

    /// <summary>Whether this attempt is still under way.</summary>
    public bool IsUnderWay => (_number & 1) != 0 && Bio.IsCurrentAttempt(_number);

    /// <summary>The bio is done with this status, good or bad: no other path could do better.</summary>
    public bool Complete(BlockStatus status) => End(AttemptOutcome.Done, status, default);

    /// <summary>An append (<see cref="BioOp.ZoneAppend"/>) is done.</summary>
    /// <param name="sector">Where it was written, in units of 512 bytes.</param>
    /// <returns>Whether the attempt was still under way.</returns>
    public bool CompleteAppend(long sector)
    {
        Bio bio = Bio;
        if (!TryEnd(BlockStatus.Ok))
        {
            return false;
        }

        bio.AppendedSector = sector;
        bio.Owner!.AttemptEnded(bio, AttemptOutcome.Done, BlockStatus.Ok, default);
        return true;
    }

    /// <summary>
    /// Ends the attempt as the status says (<see cref="BlockStatusExtensions.ToOutcome"/>): for a driver that
    /// knows nothing better.
    /// </summary>
    public bool End(BlockStatus status) =>
        End(status == BlockStatus.Ok ? AttemptOutcome.Done : status.ToOutcome(), status, default);

    /// <summary>This path should try again, at most five times a submission, then the bio is done with the status.</summary>
    /// <param name="status">Why; what the bio ends with if it was tried often enough.</param>
    /// <param name="delay">How long to wait first; zero for the disk's own delay.</param>
    public bool RetryHere(BlockStatus status, TimeSpan delay = default) => End(AttemptOutcome.Retry, status, delay);

    /// <summary>This path failed. On a multipath disk the bio fails over; elsewhere it is done with the status.</summary>
    public bool FailPath(BlockStatus status) => End(AttemptOutcome.PathError, status, default);

    /// <summary>
    /// This path failed because of its access state. On a multipath disk the bio fails over, and the path is not
    /// used before its state has been read anew.
    /// </summary>
    public bool FailAccessState(BlockStatus status) => End(AttemptOutcome.AccessStateError, status, default);

    /// <inheritdoc/>
    public bool Equals(BioAttempt other) => ReferenceEquals(Bio, other.Bio) && _number == other._number;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is BioAttempt other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Bio, _number);

    /// <summary>Whether both are the same try at the same bio.</summary>
    public static bool operator ==(BioAttempt left, BioAttempt right) => left.Equals(right);

    /// <summary>Whether they are different tries.</summary>
    public static bool operator !=(BioAttempt left, BioAttempt right) => !left.Equals(right);

    private bool End(AttemptOutcome outcome, BlockStatus status, TimeSpan delay)
    {
        Bio bio = Bio;
        if (!TryEnd(status))
        {
            return false;
        }

        // An attempt that was not carried out cannot have gone well, or a bio that nobody can do would end well.
        if (status == BlockStatus.Ok && outcome != AttemptOutcome.Done)
        {
            status = BlockStatus.IoError;
        }

        bio.Owner!.AttemptEnded(bio, outcome, status, delay);
        return true;
    }

    // Who ends it has the bio until its owner is told.
    private bool TryEnd(BlockStatus status)
    {
        if ((_number & 1) != 0 && Bio.TryEndAttempt(_number))
        {
            return true;
        }

        BlockDevice.ReportStale(Bio, status);
        return false;
    }
}
