using System.Diagnostics;
using LibMultipath.Block;
using LibMultipath.Paths;

namespace LibMultipath.Selection;

/// <summary>
/// All that a selector sees of a head: its paths one after the other, in the order of its list, usable or not. The list is
/// that of the moment in which the selection began.
/// </summary>
/// <remarks>
/// Of the iterator that is none (<c>default</c>), every step is EPERM, and the count is 0. Whoever takes another step after one
/// that was refused with ETIME gets an exception, which the library catches.
/// </remarks>
public ref struct PathIterator
{
    private readonly MpathDevice[]? _paths;
    private readonly long _begun;
    private readonly long _maxTicks;
    private int _stepsLeft;
    private int _index;

    /// <param name="paths">The list.</param>
    /// <param name="maxSteps">How many steps may be taken.</param>
    /// <param name="begun">When the selection began, as a timestamp of <see cref="Stopwatch"/>.</param>
    /// <param name="maxTicks">How long it may take, in ticks of that; 0 for as long as it wants.</param>
    internal PathIterator(MpathDevice[] paths, int maxSteps, long begun, long maxTicks)
    {
        _paths = paths;
        _stepsLeft = maxSteps;
        _begun = begun;
        _maxTicks = maxTicks;
        _index = -1;
    }

    /// <summary>How many paths there are.</summary>
    public readonly int Count => _paths?.Length ?? 0;

    /// <summary>The path that the last step led to; none before the first and after the last.</summary>
    public readonly PathView Current => CurrentPath is { } path ? new PathView(path) : default;

    /// <summary>The path that was current before that step, if one was.</summary>
    public PathView Previous { get; private set; }

    internal readonly MpathDevice? CurrentPath => _paths is not null && (uint)_index < (uint)_paths.Length ? _paths[_index] : null;

    /// <summary>Whether more steps or more time was taken than was allowed.</summary>
    internal readonly bool IsOverBudget => _stepsLeft < 0 || (_maxTicks != 0 && Stopwatch.GetTimestamp() - _begun > _maxTicks);

    /// <summary>Makes the first path current.</summary>
    /// <returns>0; EPERM of an iterator that is none; ENXIO without paths; ETIME beyond the budget of steps or time.</returns>
    public Errno First()
    {
        Errno refusal = Spend();
        return refusal != 0 ? refusal : Step(0, none: Errno.ENXIO);
    }

    /// <summary>Makes the next path current.</summary>
    /// <returns>
    /// 0; EPERM of an iterator that is none; ENXIO without a current path; EAGAIN after the last, which leaves no path
    /// current; ETIME beyond the budget of steps or time.
    /// </returns>
    public Errno Next()
    {
        bool hasCurrent = CurrentPath is not null;
        Errno refusal = Spend();
        return refusal != 0 ? refusal : hasCurrent ? Step(_index + 1, none: Errno.EAGAIN) : Errno.ENXIO;
    }

    /// <summary>Makes a path current that was current before.</summary>
    /// <param name="path">One of this iterator's.</param>
    /// <returns>
    /// 0; EPERM of an iterator that is none; EINVAL for no path; ENXIO if it is not one of these; ETIME beyond the budget of
    /// steps or time.
    /// </returns>
    public Errno MoveTo(PathView path)
    {
        Errno refusal = Spend();
        if (refusal != 0)
        {
            return refusal;
        }

        if (path.Path is not { } wanted)
        {
            return Errno.EINVAL;
        }

        int index = wanted.Index;
        if ((uint)index >= (uint)_paths!.Length || !ReferenceEquals(_paths[index], wanted))
        {
            // The path has moved within the head's list, or left it.
            index = Array.IndexOf(_paths, wanted);
        }

        return index < 0 ? Errno.ENXIO : Step(index, none: Errno.ENXIO);
    }

    /// <summary>Every call is a step, whatever comes of it.</summary>
    private Errno Spend()
    {
        if (_paths is null)
        {
            return Errno.EPERM;
        }

        if (_stepsLeft < 0)
        {
            // A loop that looks at no answer would never end.
            throw new TimeoutException("The selector goes on although the iterator has said ETIME.");
        }

        if (--_stepsLeft < 0 || IsOverBudget)
        {
            _stepsLeft = -1;
            return Errno.ETIME;
        }

        return 0;
    }

    private Errno Step(int index, Errno none)
    {
        Previous = Current;
        if (index >= _paths!.Length)
        {
            _index = -1;
            return none;
        }

        _index = index;
        return 0;
    }
}
