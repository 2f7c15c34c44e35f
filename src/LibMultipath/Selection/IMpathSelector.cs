using LibMultipath.Paths;

namespace LibMultipath.Selection;

/// <summary>
/// A path selector that a user writes, and attaches to heads that run with <see cref="MpathSelectors"/> or
/// <see cref="SelectorRegistration"/>. Implement <see cref="IMpathSelectorFeedback"/> too to be told of every attempt.
/// </summary>
/// <remarks>
/// <para>It is called for every I/O, on the thread that submits it, by many threads at once, inside a read section of the
/// head: it must not block, and should not allocate. What it throws, and an answer that cannot be used, is counted; the
/// policy of the head decides then.</para>
/// <para>Its budget of steps and time (<see cref="SelectorOptions"/>) is checked whenever it calls the iterator, and when it
/// returns. A loop that calls nothing cannot be stopped in managed code: it keeps its I/O, and whoever changes the head's
/// paths, for ever.</para>
/// </remarks>
public interface IMpathSelector
{
    /// <summary>What people call it.</summary>
    string Name { get; }

    /// <summary>What it reads of paths. Asked once, when it is attached.</summary>
    SelectorNeeds Needs => SelectorNeeds.None;

    /// <summary>Chooses the path for an I/O.</summary>
    /// <param name="paths">The head's paths; <see cref="PathIterator.Current"/> must be the chosen one at the end.</param>
    /// <param name="context">The I/O.</param>
    /// <returns>
    /// <see cref="PathView.ControllerId"/> of the iterator's current path, which must be usable; negative to leave it to the
    /// head's policy, which counts as a fault unless no path is usable.
    /// </returns>
    int SelectPath(ref PathIterator paths, in SelectContext context);
}
