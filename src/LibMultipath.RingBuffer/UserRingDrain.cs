using LibMultipath.Block;

namespace LibMultipath.RingBuffer;

/// <summary>What came of a drain.</summary>
/// <param name="Count">How many records the handler was given; those that were discarded do not count.</param>
/// <param name="Error">Why it ended, if it was not because nothing was left, a record was busy, the handler said so, or it had enough.</param>
public readonly record struct UserRingDrain(int Count, Errno Error);
