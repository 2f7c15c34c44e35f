using LibMultipath.Block;

namespace LibMultipath.Selection;

/// <summary>
/// For a selector that wants to know what becomes of I/O: of all that goes down a path while it is attached, whoever chose
/// the path. Without it no time is taken.
/// </summary>
/// <remarks>
/// Called on the threads that submit and complete I/O, many at once; it must not block. What it throws is counted, and does
/// no harm. After it was detached nothing is told any more: what was started then never ends.
/// </remarks>
public interface IMpathSelectorFeedback
{
    /// <summary>An attempt begins.</summary>
    /// <param name="path">The path that it goes down.</param>
    /// <param name="bytes">What it covers.</param>
    void Started(PathView path, long bytes);

    /// <summary>An attempt has ended.</summary>
    /// <param name="path">The path that has given it back.</param>
    /// <param name="bytes">What it covers.</param>
    /// <param name="duration">How long the path had it.</param>
    /// <param name="status">What the path said.</param>
    void Ended(PathView path, long bytes, TimeSpan duration, BlockStatus status);
}
