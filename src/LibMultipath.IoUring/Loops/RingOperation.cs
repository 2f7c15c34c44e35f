using LibMultipath.IoUring.Abi;

namespace LibMultipath.IoUring.Loops;

/// <summary>
/// Something under way on a loop's ring, and what happens when it completes. An object may be used again and again,
/// one submission at a time.
/// </summary>
public abstract class RingOperation
{
    internal const int NoSlot = -1;

    internal int Slot { get; set; } = NoSlot;

    // The kernel was asked to cancel it since it was prepared.
    internal bool IsCancelled { get; set; }

    /// <summary>Whether it is submitted, or about to be, and has not completed for the last time.</summary>
    public bool IsUnderWay => Slot != NoSlot;

    /// <summary>
    /// It has completed; called on the loop's thread. Unless the flags say <see cref="CqeFlags.More"/> it is not under
    /// way any more and may be prepared again. An exception leaves the loop's <see cref="RingLoop.Poll"/>.
    /// </summary>
    /// <param name="result">Not negative, or an errno with a minus sign.</param>
    /// <param name="flags">What is to know beside it.</param>
    protected internal abstract void Completed(int result, CqeFlags flags);
}
