namespace LibMultipath.RingBuffer;

/// <summary>
/// What a drain calls for each record, as a type: a struct that implements this is compiled into the drain, and costs no
/// call of its own.
/// </summary>
public interface IUserRingHandler
{
    /// <summary>Called for each record, in the order in which they were reserved.</summary>
    /// <param name="record">The record; only valid during the call.</param>
    /// <returns>0 to go on; 1 to stop after this record.</returns>
    int Handle(scoped in UserRingRecord record);
}
