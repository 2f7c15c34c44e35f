using System.Runtime.CompilerServices;

namespace LibMultipath.Block;

public sealed partial class Bio
{
    // Odd while a driver has the bio, even while it has not. It is never set back, not even when the bio goes
    // through the pool, so an attempt of an earlier life can never be taken for one of this life.
    private long _attempt;

    private int _retries;

    /// <summary>How often this submission was retried on a path that had asked for it.</summary>
    internal int Retries => _retries;

    /// <summary>The attempt that is under way, or one that is over already.</summary>
    internal BioAttempt CurrentAttempt => new(this, Volatile.Read(ref _attempt));

    /// <summary>Hands the bio to a driver. Only who owns the bio may call it, so nobody else writes the number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal BioAttempt BeginAttempt()
    {
        long attempt = _attempt + 1;
        Volatile.Write(ref _attempt, attempt);
        return new BioAttempt(this, attempt);
    }

    /// <summary>Takes the bio back from a driver: true for exactly one caller an attempt.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryEndAttempt(long attempt) =>
        Interlocked.CompareExchange(ref _attempt, attempt + 1, attempt) == attempt;

    internal bool IsCurrentAttempt(long attempt) => Volatile.Read(ref _attempt) == attempt;

    /// <summary>What the bio ends with when it is not tried again: one that must not wait, and would have to, with Again.</summary>
    internal BlockStatus StatusUnretried(AttemptOutcome outcome, BlockStatus status) =>
        outcome == AttemptOutcome.Retry && (Flags & BioFlags.NoWait) != 0 ? BlockStatus.Again : status;

    /// <summary>Whether the bio may wait to be tried where it was once more, and counts that.</summary>
    internal bool TryCountRetry(int limit)
    {
        if (_retries >= limit || (Flags & (BioFlags.FailFastMask | BioFlags.NoWait)) != 0)
        {
            return false;
        }

        _retries++;
        return true;
    }
}
