using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Selection;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Selection;

/// <summary>What a selector is told of I/O, and what is measured for it.</summary>
public sealed class SelectorFeedbackTests : IDisposable
{
    private readonly MpathSelectors _selectors = new();
    private readonly Rig _rig = new(2);
    private readonly TellingSelector _telling = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Every_attempt_is_told_of_when_it_begins_and_when_it_ends()
    {
        using SelectorRegistration registration = _selectors.Register(_telling, _rig.Head, TestSelector.Untimed);
        _rig[0].Hold = true;
        Io io = _rig.Submit();
        _rig.Time.Advance(TimeSpan.FromMilliseconds(3));
        _rig[0].Take().FailPath(BlockStatus.Transport);
        _rig.Work.RunAll();

        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal(["started 1 512", "ended 1 512 3 Transport", "started 2 512", "ended 2 512 0 Ok"], _telling.Told);
    }

    [Fact]
    public void After_it_was_detached_a_selector_is_told_nothing()
    {
        _rig[0].Hold = true;
        SelectorRegistration registration = _selectors.Register(_telling, _rig.Head, TestSelector.Untimed);
        Io io = _rig.Submit();
        registration.Dispose();
        _rig[0].Take().Complete(BlockStatus.Ok);

        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal(["started 1 512"], _telling.Told);
    }

    [Fact]
    public void What_was_begun_before_it_was_attached_is_not_told()
    {
        _rig[0].Hold = true;
        Io io = _rig.Submit();
        using SelectorRegistration registration = _selectors.Register(_telling, _rig.Head, TestSelector.Untimed);
        _rig[0].Take().Complete(BlockStatus.Ok);

        io.AssertEnded(BlockStatus.Ok);
        Assert.Empty(_telling.Told);
    }

    [Fact]
    public void An_exception_in_what_it_is_told_is_counted_and_does_no_harm()
    {
        _telling.Throw = () => throw new InvalidOperationException("wanted");
        using SelectorRegistration registration = _selectors.Register(_telling, _rig.Head, TestSelector.Untimed);

        Assert.Equal(0, _rig.Pick());

        Assert.Equal(new SelectorStatistics(1, 1, 0, 0, 0), registration.Statistics);
    }

    [Fact]
    public void A_driver_that_cannot_be_given_a_clone_has_ended_what_was_started()
    {
        using Rig rig = new(1, template: new CloningTemplate());
        using SelectorRegistration registration = _selectors.Register(_telling, rig.Head, TestSelector.Untimed);

        rig.Submit().AssertEnded(BlockStatus.Resource);

        Assert.Equal(["started 1 512", "ended 1 512 0 Resource"], _telling.Told);
    }

    [Fact]
    public void Latency_is_measured_while_somebody_reads_it_and_not_otherwise()
    {
        Assert.Equal(0, _rig.Pick());
        Assert.Equal(default, _rig.Paths[0].Latency);

        using (_selectors.Register(TestSelector.Always(0, SelectorNeeds.Latency), _rig.Head, TestSelector.Untimed))
        {
            Take(TimeSpan.FromMicroseconds(80), BlockStatus.Ok);
            Assert.Equal((80_000L, 1L), (_rig.Paths[0].Latency.Smoothed, _rig.Paths[0].Latency.Samples));
            Take(TimeSpan.FromMicroseconds(160), BlockStatus.Ok);
            Assert.Equal((90_000L, 2L), (_rig.Paths[0].Latency.Smoothed, _rig.Paths[0].Latency.Samples));

            // Errors are often quick, and would make a path look good.
            Take(TimeSpan.FromMicroseconds(1), BlockStatus.Medium);
            Assert.Equal(90_000L, _rig.Paths[0].Latency.Smoothed);
        }

        Take(TimeSpan.FromSeconds(1), BlockStatus.Ok);
        Assert.Equal((90_000L, 2L), (_rig.Paths[0].Latency.Smoothed, _rig.Paths[0].Latency.Samples));
    }

    [Fact]
    public void Load_is_kept_while_a_selector_reads_it_whatever_the_policy()
    {
        using SelectorRegistration registration = _selectors.Register(TestSelector.Always(0, SelectorNeeds.Load), _rig.Head, TestSelector.Untimed);
        _rig[0].Hold = true;
        _rig.Submit();
        Assert.Equal(1, _rig.Paths[0].Controller.ActiveCount);
        registration.Dispose();
        _rig.Submit();
        Assert.Equal(1, _rig.Paths[0].Controller.ActiveCount);
        _rig[0].Take().Complete(BlockStatus.Ok);
        _rig[0].Take().Complete(BlockStatus.Ok);
        Assert.Equal(0, _rig.Paths[0].Controller.ActiveCount);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(3_600_001)]
    public void A_latency_that_cannot_be_is_refused(double milliseconds)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _rig.Paths[0].ReportLatency(TimeSpan.FromMilliseconds(milliseconds)));
        Assert.Equal(default, _rig.Paths[0].Latency);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(MpathDevice.MaxWeight + 1)]
    public void A_weight_that_cannot_be_is_refused(int weight)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _rig.Paths[0].Weight = weight);
        Assert.Equal(1, _rig.Paths[0].Weight);
    }

    private void Take(TimeSpan time, BlockStatus status)
    {
        _rig[0].Hold = true;
        Io io = _rig.Submit();
        _rig.Time.Advance(time);
        _rig[0].Take().Complete(status);
        io.AssertEnded(status);
        _rig[0].Hold = false;
    }

    private sealed class CloningTemplate() : TestTemplate(new MpathIoPolicy(IoPolicies.Numa)), IMpathBioCloner
    {
        public Bio? CloneBio(Bio bio, MpathDevice path) => null;
    }
}
