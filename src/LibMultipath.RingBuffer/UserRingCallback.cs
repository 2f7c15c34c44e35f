namespace LibMultipath.RingBuffer;

/// <summary>What a drain calls for each record.</summary>
/// <param name="record">The record; only valid during the call.</param>
/// <returns>0 to go on; 1 to stop after this record.</returns>
public delegate int UserRingCallback(scoped in UserRingRecord record);
