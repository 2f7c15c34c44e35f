using System.Runtime.InteropServices;

namespace LibMultipath.Reclamation;

/// <summary>
/// How <see cref="SrcuReaders"/> uses a <see cref="PerThreadSlot"/>: the sections that the owner
/// began and the sections that it ended, each by index, and twelve counters for the domain's owner.
/// </summary>
/// <remarks>
/// A section may end on another thread than it began on, so a slot's own two counts need not agree;
/// only their sums over all slots do.
/// </remarks>
[StructLayout(LayoutKind.Sequential, Size = PerThreadSlot.Size)]
internal unsafe struct SrcuSlot
{
    /// <summary>The word of <see cref="PerThreadSlot"/> where <see cref="Locks"/> begins.</summary>
    internal const int FirstLock = 0;

    /// <summary>The word of <see cref="PerThreadSlot"/> where <see cref="Unlocks"/> begins.</summary>
    internal const int FirstUnlock = 2;

    /// <summary>The word of <see cref="PerThreadSlot"/> where <see cref="Counters"/> begins.</summary>
    internal const int FirstCounter = 4;

    /// <summary>The number of counters that ride along.</summary>
    internal const int CounterCount = PerThreadSlot.WordCount - FirstCounter;

    /// <summary>Sections begun by the owner, by index (the kernel's <c>srcu_locks</c>).</summary>
    internal fixed long Locks[2];

    /// <summary>Sections ended by the owner, by index (the kernel's <c>srcu_unlocks</c>).</summary>
    internal fixed long Unlocks[2];

    /// <summary>Counters of whoever owns the domain, in the slot because the look-up is already paid.</summary>
    internal fixed long Counters[CounterCount];
}
