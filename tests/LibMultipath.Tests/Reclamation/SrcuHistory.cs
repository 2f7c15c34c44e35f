namespace LibMultipath.Tests.Reclamation;

/// <summary>
/// What happened to a domain: steps, each of which took effect at one moment between two stamps.
/// <see cref="IsLinearizable"/> looks for an order of those moments that the contract allows.
/// </summary>
/// <remarks>
/// <para>
/// The search is that of Wing and Gong: take any step that no other step must precede, apply it to the
/// state of a sequential domain if that allows it, and go on; go back when stuck. Where it has been
/// (the steps taken and the state) is remembered, so that it goes there once.
/// </para>
/// <para>
/// An operation that waits is two steps: one remembers what it waits for, the other is allowed once
/// that has come. A sequential domain is the set of open sections; what is remembered is a set of
/// sections or of callbacks that are outstanding, and for a poll whether a wait that was remembered
/// later has ended since.
/// </para>
/// </remarks>
internal sealed class SrcuHistory
{
    private readonly List<Step> _steps = [];
    private readonly HashSet<string> _seen = [];

    internal enum Kind
    {
        Lock,
        Unlock,
        WaitBegins,
        WaitEnds,
        CallBegins,
        CallbackRuns,
        BarrierBegins,
        BarrierEnds,
        StateTaken,
        PolledTrue,
        PolledFalse,
    }

    internal int Count => _steps.Count;

    /// <summary>Adds a step; <paramref name="of"/> is the step that it belongs to: an unlock's lock, an end's beginning.</summary>
    internal int Add(Kind kind, long from, long to, int of = -1)
    {
        _steps.Add(new Step(kind, from, to, of));
        return _steps.Count - 1;
    }

    /// <summary>Sets the second stamp of a step that was added before it was known.</summary>
    internal void End(int step, long to) => _steps[step] = _steps[step] with { To = to };

    internal bool IsLinearizable()
    {
        Assert.InRange(_steps.Count, 0, 64);
        _seen.Clear();
        return Search(0, new Dictionary<int, ulong>());
    }

    public override string ToString()
        => string.Join('\n', _steps.Select(static (step, i) => $"{i}: {step.Kind} of {step.Of} [{step.From}, {step.To}]"));

    /// <param name="done">The steps that have been taken.</param>
    /// <param name="waits">For each beginning that was taken, the locks and calls outstanding then.</param>
    private bool Search(ulong done, Dictionary<int, ulong> waits)
    {
        if (done == All)
        {
            return true;
        }
        if (!_seen.Add(Key(done, waits)))
        {
            return false;
        }
        long deadline = Enumerable.Range(0, _steps.Count).Where(i => !Has(done, i)).Min(i => _steps[i].To);
        for (int i = 0; i < _steps.Count; i++)
        {
            // A step whose moment can only come after another's cannot be next.
            if (!Has(done, i) && _steps[i].From <= deadline && Allows(i, done, waits))
            {
                Dictionary<int, ulong> after = new(waits);
                Apply(i, done, after);
                if (Search(done | (1UL << i), after))
                {
                    return true;
                }
            }
        }
        return false;
    }

    private ulong All => _steps.Count == 64 ? ulong.MaxValue : (1UL << _steps.Count) - 1;

    private bool Allows(int i, ulong done, Dictionary<int, ulong> waits)
    {
        Step step = _steps[i];
        if (step.Of >= 0 && !Has(done, step.Of))
        {
            return false;
        }
        return step.Kind switch
        {
            Kind.WaitEnds or Kind.CallbackRuns or Kind.BarrierEnds => IsSettled(waits[step.Of], done),
            // A grace period is at least that all have ended who were there.
            Kind.PolledTrue => IsSettled(waits[step.Of], done),
            Kind.PolledFalse => !HasWaitSince(step.Of, done, waits),
            _ => true,
        };
    }

    private void Apply(int i, ulong done, Dictionary<int, ulong> waits)
    {
        switch (_steps[i].Kind)
        {
            case Kind.WaitBegins:
            case Kind.CallBegins:
                waits[i] = Outstanding(done, Kind.Lock, Kind.Unlock);
                break;
            case Kind.StateTaken:
                // Remembers the waits that have begun, too: those do not count for it.
                waits[i] = Outstanding(done, Kind.Lock, Kind.Unlock) | Taken(done, Kind.WaitBegins);
                break;
            case Kind.BarrierBegins:
                waits[i] = Outstanding(done, Kind.CallBegins, Kind.CallbackRuns);
                break;
            default:
                break;
        }
    }

    /// <summary>Whether each lock and call of the set has its unlock and callback.</summary>
    private bool IsSettled(ulong set, ulong done)
    {
        set &= ~Taken(ulong.MaxValue, Kind.WaitBegins);
        for (int i = 0; i < _steps.Count; i++)
        {
            if (Has(done, i) && _steps[i].Kind is (Kind.Unlock or Kind.CallbackRuns))
            {
                set &= ~(1UL << _steps[i].Of);
            }
        }
        return set == 0;
    }

    /// <summary>Whether a wait that began after the state was taken has ended.</summary>
    private bool HasWaitSince(int state, ulong done, Dictionary<int, ulong> waits)
        => Enumerable.Range(0, _steps.Count)
            .Any(i => Has(done, i) && _steps[i].Kind == Kind.WaitEnds && !Has(waits[state], _steps[i].Of));

    private ulong Taken(ulong done, Kind kind)
        => Enumerable.Range(0, _steps.Count)
            .Where(i => Has(done, i) && _steps[i].Kind == kind)
            .Aggregate(0UL, static (set, i) => set | (1UL << i));

    private ulong Outstanding(ulong done, Kind begins, Kind ends)
        => Enumerable.Range(0, _steps.Count)
            .Where(i => Has(done, i) && _steps[i].Kind == ends)
            .Aggregate(Taken(done, begins), (set, i) => set & ~(1UL << _steps[i].Of));

    private static bool Has(ulong set, int i) => (set & (1UL << i)) != 0;

    private static string Key(ulong done, Dictionary<int, ulong> waits)
        => $"{done};{string.Join(';', waits.OrderBy(static wait => wait.Key))}";

    private readonly record struct Step(Kind Kind, long From, long To, int Of);
}
