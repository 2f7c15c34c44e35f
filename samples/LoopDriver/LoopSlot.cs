using Microsoft.Win32.SafeHandles;

namespace LoopDriver;

/// <summary>
/// A file as a loop's ring knows it. The kernel looks a slot up when it begins an operation, which for a sync or an
/// allocation is later than the submission: so the slot keeps its file for as long as one is under way.
/// </summary>
internal sealed class LoopSlot(SafeFileHandle file, int number)
{
    public SafeFileHandle File => file;

    /// <summary>As the loop said; -1 if its ring knows no more files, so that the descriptor is used.</summary>
    public int Number => number;

    /// <summary>How many operations are under way with it.</summary>
    public int Users { get; set; }
}
