using LibMultipath.Block;

namespace LibMultipath.RingBuffer;

/// <summary>Why a ring is poisoned.</summary>
/// <param name="Position">Of the record: how many bytes were consumed before it, ever.</param>
/// <param name="ProducerPosition">How many bytes were produced, ever, as the producer says.</param>
/// <param name="Header">The first 32 bits of the record's header, or 0 if it was not read.</param>
/// <param name="Error">EINVAL when a position cannot be, or a record is longer than what was produced; E2BIG when it is longer than the ring.</param>
public sealed record UserRingFault(ulong Position, ulong ProducerPosition, uint Header, Errno Error);
