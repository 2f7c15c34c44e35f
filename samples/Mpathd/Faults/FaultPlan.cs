using LibMultipath.Paths;
using LibMultipath.Selection;
using Mpathd.Engine;

namespace Mpathd.Faults;

/// <summary>
/// An endless sequence of faults that follows from its seed alone. It knows what each path has been through, so a step
/// makes sense when its turn comes, and after every step a path is usable: a total loss is a step of its own, which
/// ends it. The steps come in rounds in which there is everything, so that a short run has everything too.
/// </summary>
internal sealed class FaultPlan
{
    private const int FailsPerRound = 6;

    private readonly SeededRandom _random;
    private readonly bool _changesPolicy;
    private readonly bool[] _failed;
    private readonly bool[] _inaccessible;
    private readonly bool[] _nonOptimized;
    private PathSelector _policy;

    /// <summary>Makes a plan.</summary>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="paths">How many paths there are: all work, all optimized.</param>
    /// <param name="policy">The policy to begin with.</param>
    /// <param name="changesPolicy">Whether the policy is among what changes.</param>
    public FaultPlan(ulong seed, int paths, PathSelector policy, bool changesPolicy)
    {
        _random = SeededRandom.Stream(seed, stream: 1UL << 32);
        _changesPolicy = changesPolicy;
        _policy = policy;
        _failed = new bool[paths];
        _inaccessible = new bool[paths];
        _nonOptimized = new bool[paths];
    }

    /// <summary>The steps. They do not end.</summary>
    public IEnumerable<FaultStep> Steps()
    {
        while (true)
        {
            foreach (FaultKind kind in Round())
            {
                foreach (FaultStep step in Plan(kind))
                {
                    yield return step;
                }
            }
        }
    }

    private FaultKind[] Round()
    {
        List<FaultKind> kinds =
        [
            .. Enumerable.Repeat(FaultKind.Fail, FailsPerRound),
            FaultKind.MakeNonOptimized,
            FaultKind.MakeInaccessible,
            FaultKind.Replace,
            FaultKind.LoseAll,
            FaultKind.RemoveAll,
        ];
        if (_changesPolicy)
        {
            kinds.Add(FaultKind.ChangePolicy);
        }

        FaultKind[] round = [.. kinds];
        for (int i = round.Length - 1; i > 0; i--)
        {
            int j = _random.NextBelow(i + 1);
            (round[i], round[j]) = (round[j], round[i]);
        }

        return round;
    }

    private IEnumerable<FaultStep> Plan(FaultKind kind)
    {
        int place = _random.NextBelow(_failed.Length);
        switch (kind)
        {
            case FaultKind.Fail when !_failed[place] && IsUsableWithout(place):
                _failed[place] = true;
                yield return Step(FaultKind.Fail, place);
                break;
            case FaultKind.MakeNonOptimized when !_nonOptimized[place] && !_inaccessible[place]:
                _nonOptimized[place] = true;
                yield return Step(FaultKind.MakeNonOptimized, place);
                break;
            case FaultKind.MakeInaccessible when !_inaccessible[place] && IsUsableWithout(place):
                _inaccessible[place] = true;
                yield return Step(FaultKind.MakeInaccessible, place);
                break;
            case FaultKind.Replace:
                _failed[place] = _inaccessible[place] = _nonOptimized[place] = false;
                yield return Step(FaultKind.Replace, place);
                break;
            case FaultKind.LoseAll or FaultKind.RemoveAll:
                Array.Clear(_failed);
                Array.Clear(_inaccessible);
                Array.Clear(_nonOptimized);
                yield return Step(kind, place) with { Outage = Between(5, 60) };
                break;
            case FaultKind.ChangePolicy:
                PathSelector[] others = [.. IoPolicies.All.Where(each => each != _policy)];
                _policy = others[_random.NextBelow(others.Length)];
                yield return Step(kind, place) with { Policy = _policy };
                break;
        }

        // What is broken is mended sooner or later: of the broken ones, one in two at each turn.
        place = _random.NextBelow(_failed.Length);
        for (int i = 0; i < _failed.Length; i++, place = (place + 1) % _failed.Length)
        {
            if (_failed[place] && _random.OnceIn(2))
            {
                _failed[place] = false;
                yield return Step(FaultKind.Restore, place);
            }
            else if ((_nonOptimized[place] || _inaccessible[place]) && _random.OnceIn(4))
            {
                _nonOptimized[place] = _inaccessible[place] = false;
                yield return Step(FaultKind.MakeOptimized, place);
            }
        }
    }

    private FaultStep Step(FaultKind kind, int place) => new(kind, place, Between(5, 30));

    private TimeSpan Between(int least, int most) => TimeSpan.FromMilliseconds(least + _random.NextBelow(most - least));

    private bool IsUsableWithout(int place)
    {
        for (int i = 0; i < _failed.Length; i++)
        {
            if (i != place && !_failed[i] && !_inaccessible[i])
            {
                return true;
            }
        }

        return false;
    }
}
