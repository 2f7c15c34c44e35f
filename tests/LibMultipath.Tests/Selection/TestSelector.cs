using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Selection;

namespace LibMultipath.Tests.Selection;

/// <summary>What a test selects with.</summary>
internal delegate int Choose(ref PathIterator paths, in SelectContext context);

/// <summary>A selector that does what a test says.</summary>
internal sealed class TestSelector(Choose choose, SelectorNeeds needs = SelectorNeeds.None, string name = "test") : IMpathSelector
{
    private int _calls;

    /// <summary>A thread may be kept from running for any time, and that is no fault of a test's selector.</summary>
    public static SelectorOptions Untimed { get; } = new() { MaxTime = Timeout.InfiniteTimeSpan };

    public string Name => name;

    public SelectorNeeds Needs => needs;

    public int Calls => Volatile.Read(ref _calls);

    /// <summary>Always the path in this place of the list.</summary>
    public static TestSelector Always(int place, SelectorNeeds needs = SelectorNeeds.None) => new(
        (ref PathIterator paths, in SelectContext _) =>
        {
            Errno step = paths.First();
            for (int i = 0; i < place && step == 0; i++)
            {
                step = paths.Next();
            }

            return paths.Current.ControllerId;
        },
        needs);

    public int SelectPath(ref PathIterator paths, in SelectContext context)
    {
        Interlocked.Increment(ref _calls);
        return choose(ref paths, in context);
    }
}
