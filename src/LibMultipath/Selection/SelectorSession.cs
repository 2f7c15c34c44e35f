using System.Diagnostics;
using System.Runtime.CompilerServices;
using LibMultipath.Paths;
using LibMultipath.Reclamation;

namespace LibMultipath.Selection;

/// <summary>One selector from its attachment to its end: its budget, and its faults.</summary>
internal sealed class SelectorSession
{
    private const int Chosen = 0;

    private readonly PerThreadCounters _counters = new();
    private readonly SelectorOptions _options;
    private readonly Action? _detach;
    private int _faultsInARow;
    private int _feedbackFaultsInARow;
    private int _ended;

    /// <param name="selector">The selector.</param>
    /// <param name="options">Its budget, validated.</param>
    /// <param name="detach">Called on the pool, once, when it has made too many faults: it is not asked any more.</param>
    public SelectorSession(IMpathSelector selector, SelectorOptions options, Action? detach)
    {
        Selector = selector;
        Name = selector.Name;
        Feedback = selector as IMpathSelectorFeedback;
        Needs = selector.Needs | (Feedback is null ? 0 : SelectorNeeds.Feedback);
        _options = options;
        _detach = detach;
        MaxTicks = options.MaxTime == Timeout.InfiniteTimeSpan ? 0 : Math.Max(1, (long)(options.MaxTime.TotalSeconds * Stopwatch.Frequency));
    }

    public IMpathSelector Selector { get; }

    /// <summary>Asked once: later it would be in a read section.</summary>
    public string Name { get; }

    public IMpathSelectorFeedback? Feedback { get; }

    public SelectorNeeds Needs { get; }

    public int MaxSteps => _options.MaxSteps;

    /// <summary>In ticks of <see cref="Stopwatch"/>; 0 for as long as it wants.</summary>
    public long MaxTicks { get; }

    /// <summary>Whether it is not to be called any more.</summary>
    public bool IsEnded => Volatile.Read(ref _ended) != 0;

    public SelectorStatistics Statistics => new(
        _counters.Sum(Chosen),
        _counters.Sum((int)SelectorFault.Exception),
        _counters.Sum((int)SelectorFault.BadAnswer),
        _counters.Sum((int)SelectorFault.Unusable),
        _counters.Sum((int)SelectorFault.OverBudget));

    /// <summary>It is not called any more, except by whoever looked just before.</summary>
    /// <returns>Whether it was called until now.</returns>
    public bool End() => Interlocked.Exchange(ref _ended, 1) == 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void CountChoice()
    {
        _counters.Add(Chosen, 1);
        if (Volatile.Read(ref _faultsInARow) != 0)
        {
            Volatile.Write(ref _faultsInARow, 0);
        }
    }

    public void CountFault(MpathHead head, SelectorFault fault, Exception? exception) =>
        CountFault(head, fault, exception, ref _faultsInARow);

    /// <summary>It took well what it was told.</summary>
    public void CountTold()
    {
        if (Volatile.Read(ref _feedbackFaultsInARow) != 0)
        {
            Volatile.Write(ref _feedbackFaultsInARow, 0);
        }
    }

    /// <summary>It threw at what it was told: that does not stop counting when it chooses well.</summary>
    public void CountFeedbackFault(MpathHead head, Exception exception) =>
        CountFault(head, SelectorFault.Exception, exception, ref _feedbackFaultsInARow);

    private void CountFault(MpathHead head, SelectorFault fault, Exception? exception, ref int inARow)
    {
        _counters.Add((int)fault, 1);
        int faults = Interlocked.Increment(ref inARow);
        if (_options.MaxFaults > 0 && faults >= _options.MaxFaults && End())
        {
            // Not here: detaching waits for the read section that this is in, and a logger may do anything.
            ThreadPool.UnsafeQueueUserWorkItem(
                _ =>
                {
                    _detach?.Invoke();

                    // The exception is the selector's, and may be one that throws when it is looked at.
                    if (!TryTell(head, exception, faults, fault))
                    {
                        TryTell(head, null, faults, fault);
                    }
                },
                null);
        }
    }

    private bool TryTell(MpathHead head, Exception? exception, int faults, SelectorFault fault)
    {
        try
        {
            head.Logger.SelectorDetached(exception, head.Name, Name, faults, fault);
            return true;
        }
        catch (Exception)
        {
            return false;
        }
    }
}
