using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Selection;
using LibMultipath.Tests.Kit;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Selection;

/// <summary>What a selector gets wrong: I/O goes on, the fault is counted, and in the end the selector comes off.</summary>
public sealed class SelectorFaultTests : IDisposable
{
    private readonly MpathSelectors _selectors = new();
    private readonly Rig _rig = new(3, policy: IoPolicies.RoundRobin);

    public static TheoryData<string, SelectorStatistics> Faults => new()
    {
        { "throws", new SelectorStatistics(0, 4, 0, 0, 0) },
        { "a foreign id", new SelectorStatistics(0, 0, 4, 0, 0) },
        { "the id of another path", new SelectorStatistics(0, 0, 4, 0, 0) },
        { "a negative number", new SelectorStatistics(0, 0, 4, 0, 0) },
        { "nothing current", new SelectorStatistics(0, 0, 4, 0, 0) },
        { "a disabled path", new SelectorStatistics(0, 0, 0, 4, 0) },
        { "too many steps", new SelectorStatistics(0, 0, 0, 0, 4) },
        { "too much time", new SelectorStatistics(0, 0, 0, 0, 4) },
        { "no end of steps", new SelectorStatistics(0, 0, 0, 0, 4) },
    };

    public void Dispose() => _rig.Dispose();

    [Theory]
    [MemberData(nameof(Faults))]
    public void Io_goes_on_and_after_so_many_faults_the_selector_comes_off(string fault, SelectorStatistics expected)
    {
        _rig.Paths[2].SetDown();
        var selector = new TestSelector((ref PathIterator paths, in SelectContext _) => Err(fault, ref paths));
        using SelectorRegistration registration = _selectors.Register(
            selector,
            _rig.Head,
            new SelectorOptions { MaxFaults = 4, MaxSteps = 100, MaxTime = fault == "too much time" ? TimeSpan.FromTicks(1) : TimeSpan.FromMinutes(1) });

        // The policy decides.
        Assert.Equal([0, 1], _rig.Pick(4).Distinct().Order());

        Assert.Equal(expected, registration.Statistics);
        Assert.Equal(4, expected.Faults);
        Eventually.True(() => _selectors.Registrations.Count == 0, "the selector to come off");
        Assert.False(registration.IsAttached);
        Assert.Equal([0, 1], _rig.Pick(4).Distinct().Order());
        Assert.Equal(4, selector.Calls);
        Eventually.True(() => _rig.Log.Count(800) == 1, "the warning");
    }

    [Fact]
    public void A_right_answer_between_faults_starts_the_count_anew()
    {
        int calls = 0;
        using SelectorRegistration registration = _selectors.Register(
            new TestSelector((ref PathIterator paths, in SelectContext _) =>
            {
                paths.First();
                return ++calls % 3 == 0 ? paths.Current.ControllerId : -1;
            }),
            _rig.Head,
            TestSelector.Untimed with { MaxFaults = 3 });

        _rig.Pick(30);

        Assert.True(registration.IsAttached);
        Assert.Equal(new SelectorStatistics(10, 0, 20, 0, 0), registration.Statistics);
    }

    [Fact]
    public void It_can_be_kept_whatever_it_does()
    {
        using SelectorRegistration registration = _selectors.Register(
            new TestSelector((ref PathIterator _, in SelectContext _) => -1), _rig.Head, TestSelector.Untimed with { MaxFaults = 0 });

        _rig.Pick(500);

        Assert.True(registration.IsAttached);
        Assert.Equal(500, registration.Statistics.Faults);
    }

    [Fact]
    public void Where_no_path_is_usable_there_is_no_right_answer_and_no_fault()
    {
        using SelectorRegistration registration = _selectors.Register(
            TestSelector.Always(0), _rig.Head, TestSelector.Untimed with { MaxFaults = 1 });
        _rig.LoseAll();

        Io io = _rig.Submit();

        Assert.False(io.HasEnded);
        Assert.Equal(0, registration.Statistics.Faults);
        _rig.Paths[0].AccessState = MpathAccessState.Optimized;
        _rig.Work.RunAll();
        io.AssertEnded(BlockStatus.Ok);
        Assert.True(registration.IsAttached);
    }

    [Fact]
    public void A_path_that_has_failed_an_io_is_not_tried_with_it_again_however_often_it_is_chosen()
    {
        using SelectorRegistration registration = _selectors.Register(TestSelector.Always(0), _rig.Head, TestSelector.Untimed);
        _rig[0].FailWith(BlockStatus.Transport);

        Io io = _rig.Submit();
        _rig.Work.RunAll();

        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal(0, _rig.Picks[0]);
        Assert.NotEqual(0, _rig.Picks[1]);
    }

    private static int Err(string fault, ref PathIterator paths)
    {
        paths.First();
        switch (fault)
        {
            case "throws":
                throw new InvalidOperationException("wanted");
            case "a foreign id":
                return 77;
            case "the id of another path":
                return 2;
            case "a negative number":
                return -5;
            case "nothing current":
                while (paths.Next() == 0)
                {
                }

                return 1;
            case "a disabled path":
                paths.Next();
                paths.Next();
                return paths.Current.ControllerId;
            case "no end of steps":
                while (paths.Next() != Errno.EINVAL)
                {
                }

                return -1;
            case "too many steps":
                while (paths.First() == 0)
                {
                }

                return paths.Current.ControllerId;
            default:
                Thread.SpinWait(1000);
                return paths.Current.ControllerId;
        }
    }
}
