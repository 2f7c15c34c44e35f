using System.Runtime.InteropServices;

namespace LibMultipath.Reclamation;

/// <summary>
/// What one thread owns in one <see cref="PerThreadSlots"/>: sixteen 64-bit words, alone on their
/// cache lines.
/// </summary>
/// <remarks>
/// 128 bytes at a multiple of 128: a cache line is 64 bytes on most machines, but the adjacent-line
/// prefetcher fetches them in aligned pairs, so two owners in one pair would still disturb each other.
/// </remarks>
[StructLayout(LayoutKind.Sequential, Size = Size)]
internal unsafe struct PerThreadSlot
{
    /// <summary>The size of a slot in bytes, and its alignment.</summary>
    internal const int Size = 128;

    /// <summary>The number of 64-bit words in a slot.</summary>
    internal const int WordCount = Size / sizeof(long);

    /// <summary>The words. They wrap.</summary>
    internal fixed long Words[WordCount];
}
