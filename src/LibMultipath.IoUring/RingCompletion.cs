using LibMultipath.IoUring.Abi;

namespace LibMultipath.IoUring;

/// <summary>How a submission ended.</summary>
/// <param name="UserData">What it was submitted with.</param>
/// <param name="Result">Not negative, or an errno with a minus sign.</param>
/// <param name="Flags">What is to know beside it.</param>
/// <param name="Extra1">The first extra word of a ring with large completions; else 0.</param>
/// <param name="Extra2">The second.</param>
public readonly record struct RingCompletion(ulong UserData, int Result, CqeFlags Flags, ulong Extra1 = 0, ulong Extra2 = 0);
