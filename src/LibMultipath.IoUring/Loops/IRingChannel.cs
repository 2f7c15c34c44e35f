using LibMultipath.IoUring.Abi;

namespace LibMultipath.IoUring.Loops;

/// <summary>
/// Takes completions by a number of its own: for who has many submissions of one kind, such as a queue with its tags,
/// and wants no object for each.
/// </summary>
public interface IRingChannel
{
    /// <summary>A submission of the channel has completed; called on the loop's thread.</summary>
    /// <param name="data">What it was submitted with (<see cref="RingLoop.UserData"/>).</param>
    /// <param name="result">Not negative, or an errno with a minus sign.</param>
    /// <param name="flags">What is to know beside it.</param>
    void Completed(ulong data, int result, CqeFlags flags);

    /// <summary>
    /// The loop is about to submit: what the channel has gathered goes with it. Only called for a channel that was
    /// added so.
    /// </summary>
    void Submitting()
    {
    }
}
