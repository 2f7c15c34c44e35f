using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Selection;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Selection;

/// <summary>How selectors come and go.</summary>
public sealed class MpathSelectorsTests : IDisposable
{
    private const string Nqn = "nqn.2026-11.io.example:one";

    private readonly MpathSelectors _selectors = new();
    private readonly Rig _rig = new(2);
    private readonly MpathIoPolicy _policy = new(IoPolicies.RoundRobin);
    private readonly MpathSubsystem _subsystem;

    public MpathSelectorsTests()
    {
        _subsystem = new MpathSubsystem(Nqn, _policy);
        _selectors.Add(_subsystem);
    }

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void An_attached_selector_chooses_until_it_is_detached()
    {
        var selector = TestSelector.Always(1);
        SelectorRegistration registration = _selectors.Register(selector, _rig.Head, TestSelector.Untimed);

        Assert.Equal([1, 1, 1], _rig.Pick(3));
        Assert.Equal((true, "test", "head"), (registration.IsAttached, registration.Name, registration.Target));
        Assert.NotEqual(Guid.Empty, registration.Id);
        Assert.Same(registration, Assert.Single(_selectors.Registrations));
        Assert.Equal(new SelectorStatistics(3, 0, 0, 0, 0), registration.Statistics);

        registration.Dispose();
        registration.Dispose();
        int calls = selector.Calls;
        Assert.Equal([0, 0, 0], _rig.Pick(3));
        Assert.Equal(calls, selector.Calls);
        Assert.False(registration.IsAttached);
        Assert.Empty(_selectors.Registrations);
    }

    [Fact]
    public void A_selector_is_shown_the_io()
    {
        string seen = "";
        using SelectorRegistration registration = _selectors.Register(
            new TestSelector((ref PathIterator paths, in SelectContext context) =>
            {
                seen = $"{context.IsBio} {context.Sector} {context.Bytes} {context.Op} {context.Node} {SelectContext.Cpu >= 0}";
                paths.First();
                return paths.Current.ControllerId;
            }),
            _rig.Head,
            TestSelector.Untimed);

        _rig.Submit(op: BioOp.Write, sector: 8).AssertEnded(BlockStatus.Ok);
        Assert.Equal("True 8 512 Write 0 True", seen);
        using (PathSelection selection = _rig.Head.SelectPath())
        {
            Assert.Same(_rig.Paths[0], selection.Path);
        }

        Assert.Equal("False 0 0 Read 0 True", seen);
    }

    [Fact]
    public void What_there_is_not_is_refused_and_changes_nothing()
    {
        using MpathHead head = _subsystem.CreateHead(7, new TestTemplate(_policy));

        AssertRefused(Errno.ENODEV, "'nqn.other'", () => _selectors.Register(TestSelector.Always(0), "nqn.other", 7));
        AssertRefused(Errno.ENXIO, "namespace id 8", () => _selectors.Register(TestSelector.Always(0), Nqn, 8));
        Assert.Empty(_selectors.Registrations);
        using SelectorRegistration registration = _selectors.Register(TestSelector.Always(0), Nqn, 7, TestSelector.Untimed);
        AssertRefused(Errno.EBUSY, $"{Nqn}/7", () => _selectors.Register(TestSelector.Always(0), Nqn, 7));
        AssertRefused(Errno.EBUSY, $"{Nqn}/7", () => _selectors.Register(TestSelector.Always(0), head));
        AssertRefused(
            Errno.EEXIST, $"{registration.Id}", () => _selectors.Register(TestSelector.Always(0), _rig.Head, new SelectorOptions { Id = registration.Id }));
        Assert.Single(_selectors.Registrations);
        Assert.Throws<ArgumentNullException>(() => _selectors.Register(null!, _rig.Head));
        Assert.Throws<ArgumentException>(() => _selectors.Add(new MpathSubsystem(Nqn, _policy)));
        Assert.True(_selectors.Remove(_subsystem));
        Assert.False(_selectors.Remove(_subsystem));
        AssertRefused(Errno.ENODEV, Nqn, () => _selectors.Register(TestSelector.Always(0), Nqn, null));
    }

    [Fact]
    public void A_budget_that_cannot_be_meant_is_refused()
    {
        AssertRefused(new SelectorOptions { MaxSteps = 0 });
        AssertRefused(new SelectorOptions { MaxFaults = -1 });
        AssertRefused(new SelectorOptions { MaxTime = TimeSpan.Zero });
        Assert.Empty(_selectors.Registrations);

        void AssertRefused(SelectorOptions options) =>
            Assert.Throws<ArgumentOutOfRangeException>(() => _selectors.Register(TestSelector.Always(0), _rig.Head, options));
    }

    [Fact]
    public void The_selector_of_all_heads_is_that_of_heads_to_come_and_a_heads_own_goes_before_it()
    {
        using MpathHead before = NewHead(1);
        var shared = TestSelector.Always(1);
        var own = TestSelector.Always(0);
        using SelectorRegistration all = _selectors.Register(shared, Nqn, null, TestSelector.Untimed);
        AssertRefused(Errno.EBUSY, Nqn, () => _selectors.Register(TestSelector.Always(0), Nqn, null));
        using MpathHead after = NewHead(2);

        Assert.Equal((2, 2), (Select(before), Select(after)));
        using (_selectors.Register(own, Nqn, 2, TestSelector.Untimed))
        {
            Assert.Equal((2, 1), (Select(before), Select(after)));
        }

        Assert.Equal((2, 2), (Select(before), Select(after)));
        Assert.Equal(5, shared.Calls);
        all.Dispose();
        Select(before);
        Select(after);
        Assert.Equal(5, shared.Calls);
        RemovePaths(before, after);
    }

    [Fact]
    public void The_selector_of_all_heads_can_tell_them_apart()
    {
        using MpathHead one = NewHead(1);
        using MpathHead two = NewHead(2);
        List<(uint Head, int Slot)> seen = [];
        using SelectorRegistration all = _selectors.Register(
            new TestSelector((ref PathIterator paths, in SelectContext context) =>
            {
                paths.First();
                seen.Add((context.NamespaceId, paths.Current.Slot));
                return paths.Current.ControllerId;
            }),
            Nqn,
            null,
            TestSelector.Untimed);

        Select(one);
        Select(two);
        Select(one);

        Assert.Equal([1u, 2, 1], seen.Select(each => each.Head));
        Assert.Equal(seen[0], seen[2]);
        Assert.NotEqual(seen[0].Slot, seen[1].Slot);
        RemovePaths(one, two);
    }

    [Fact]
    public void A_head_that_goes_detaches_its_own_selector()
    {
        MpathHead head = NewHead(1);
        SelectorRegistration registration = _selectors.Register(TestSelector.Always(0), Nqn, 1, TestSelector.Untimed);
        RemovePaths(head);
        head.Dispose();

        Assert.False(registration.IsAttached);
        Assert.Empty(_selectors.Registrations);
        registration.Dispose();
        AssertRefused(Errno.ENXIO, "gone", () => _selectors.Register(TestSelector.Always(0), head));
        Assert.Throws<ObjectDisposedException>(() => registration.Replace(TestSelector.Always(1)));
    }

    [Fact]
    public void Another_selector_takes_the_place_of_one()
    {
        var first = TestSelector.Always(0);
        using SelectorRegistration registration = _selectors.Register(first, _rig.Head, TestSelector.Untimed);
        Assert.Equal(0, _rig.Pick());

        registration.Replace(TestSelector.Always(1));

        Assert.Equal(1, _rig.Pick());
        Assert.Equal(1, first.Calls);
        Assert.Equal(1, registration.Statistics.Chosen);
        Assert.True(registration.IsAttached);
    }

    [Fact]
    public async Task Detaching_waits_for_a_call_that_is_under_way()
    {
        using ManualResetEventSlim entered = new();
        using ManualResetEventSlim go = new();
        SelectorRegistration registration = _selectors.Register(
            new TestSelector((ref PathIterator paths, in SelectContext _) =>
            {
                entered.Set();
                Assert.True(go.Wait(TimeSpan.FromMinutes(1)));
                paths.First();
                return paths.Current.ControllerId;
            }),
            _rig.Head,
            TestSelector.Untimed);
        Task<Io> submit = Task.Run(() => _rig.Submit());
        Assert.True(entered.Wait(TimeSpan.FromMinutes(1)));
        Task detach = Task.Run(registration.Dispose);

        Assert.NotSame(detach, await Task.WhenAny(detach, Task.Delay(TimeSpan.FromMilliseconds(50))));
        go.Set();
        await detach.WaitAsync(TimeSpan.FromMinutes(1));
        (await submit.WaitAsync(TimeSpan.FromMinutes(1))).AssertEnded(BlockStatus.Ok);
    }

    [Fact]
    public void A_policy_that_is_changed_beneath_a_selector_decides_when_it_is_detached()
    {
        SelectorRegistration registration = _selectors.Register(TestSelector.Always(0), _rig.Head, TestSelector.Untimed);
        _rig.Head.Policy.Set(IoPolicies.RoundRobin);
        Assert.Equal([0, 0, 0], _rig.Pick(3));
        Assert.Equal("round-robin", _rig.Head.Policy.ToString());

        registration.Dispose();

        Assert.Equal([0, 1], _rig.Pick(4).Distinct().Order());
    }

    private static void AssertRefused(Errno errno, string text, Func<SelectorRegistration> register)
    {
        BlockException refusal = Assert.Throws<BlockException>(register);
        Assert.Equal(errno, refusal.Errno);
        Assert.Contains(text, refusal.Message);
    }

    private static int Select(MpathHead head)
    {
        using PathSelection selection = head.SelectPath();
        return selection.Path!.Controller.Id;
    }

    private static void RemovePaths(params MpathHead[] heads)
    {
        foreach (MpathHead head in heads)
        {
            foreach (MpathDevice path in head.Paths)
            {
                head.Remove(path);
            }
        }
    }

    private MpathHead NewHead(uint id)
    {
        MpathHead head = _subsystem.CreateHead(id, new TestTemplate(_policy));
        for (int i = 1; i <= 2; i++)
        {
            var path = new MpathDevice(new MpathController(i), new TestDisk($"path{i}"));
            head.Add(path);
            path.SetLive();
        }

        return head;
    }
}
