using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Selection;
using LibMultipath.Tests.Paths;
using Microsoft.Extensions.Logging;

namespace LibMultipath.Tests.Disk;

public sealed class SubmitTests
{
    private const int NoUsablePath = 400;
    private const int NoAvailablePath = 401;

    [Fact]
    public void A_bio_goes_to_the_disk_of_a_path_marked_and_comes_back_as_it_was()
    {
        using Rig rig = new(1);
        rig[0].Hold = true;

        Io io = rig.Submit(BioFlags.Sync, sector: 8);

        BioAttempt attempt = rig[0].Take();
        Assert.Same(io.Bio, attempt.Bio);
        Assert.Same(rig[0], io.Bio.Device);
        Assert.Equal(BioFlags.Sync | BioFlags.Mpath, io.Bio.Flags);
        Assert.Equal(8, io.Bio.Sector);
        Assert.True(attempt.Complete(BlockStatus.Ok));
        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal(BioFlags.Sync, io.Bio.Flags);
        Assert.False(io.Bio.IsSubmitted);
    }

    [Fact]
    public void Without_a_usable_path_a_bio_waits_for_one_that_may_come_back()
    {
        using Rig rig = new(2);
        rig.LoseAll();

        Io io = rig.Submit();

        Assert.False(io.HasEnded);
        Assert.Equal(1, rig.Disk.WaitingCount);
        Assert.Equal(1, rig.Head.WaitingCount);
        Assert.Equal(1, rig.Head.RequeueNoUsablePathCount);
        Assert.Equal(0, rig.Head.FailNoAvailablePathCount);
        (LogLevel level, _, string text) = Assert.Single(rig.Log.Lines, line => line.Id == NoUsablePath);
        Assert.Equal(LogLevel.Warning, level);
        Assert.Contains("no usable path - requeuing I/O", text);

        rig.Paths[1].AccessState = MpathAccessState.NonOptimized;
        rig.Work.RunAll();

        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal([1], rig.Picks);
        Assert.Equal(0, rig.Disk.WaitingCount);
    }

    [Fact]
    public void Without_an_available_path_a_bio_fails()
    {
        using Rig rig = new(2);
        rig.Paths[0].Controller.State = MpathControllerState.Dead;
        rig.Paths[1].Controller.State = MpathControllerState.Dead;

        Io io = rig.Submit();

        io.AssertEnded(BlockStatus.IoError);
        Assert.Equal(1, rig.Head.FailNoAvailablePathCount);
        Assert.Equal(0, rig.Head.RequeueNoUsablePathCount);
        (LogLevel level, _, string text) = Assert.Single(rig.Log.Lines, line => line.Id == NoAvailablePath);
        Assert.Equal(LogLevel.Warning, level);
        Assert.Contains("no available path - failing I/O", text);
    }

    [Fact]
    public void A_bio_that_must_not_wait_ends_with_again_when_it_would_have_to()
    {
        using Rig rig = new(1);
        rig.LoseAll();
        rig.Submit(BioFlags.NoWait).AssertEnded(BlockStatus.Again);
        Assert.Equal(0, rig.Head.RequeueNoUsablePathCount);
        Assert.Equal(0, rig.Disk.WaitingCount);

        rig.Paths[0].Controller.State = MpathControllerState.Dead;
        rig.Submit(BioFlags.NoWait).AssertEnded(BlockStatus.IoError);

        rig.Paths[0].Controller.State = MpathControllerState.Live;
        rig.Paths[0].AccessState = MpathAccessState.Optimized;
        rig.Submit(BioFlags.NoWait).AssertEnded(BlockStatus.Ok);
    }

    [Fact]
    public void A_disk_that_never_was_live_fails_what_it_gets()
    {
        using Rig rig = new(0);
        rig.AddPath(MpathAccessState.Other);
        Assert.False(rig.Disk.IsLive);
        Assert.False(rig.Head.IsAvailable);

        var io = new Io(Bio.Rent(BioOp.Read, 0, new byte[512]));
        rig.Disk.Submit(io.Bio);

        io.AssertEnded(BlockStatus.IoError);
    }

    [Fact]
    public void A_head_that_queues_without_a_path_keeps_the_bio_until_one_comes()
    {
        using Rig rig = new(1, delay: 10);
        rig.Head.Remove(rig.Paths[0]);
        Assert.True(rig.Head.IsAvailable);

        Io io = rig.Submit();
        Assert.False(io.HasEnded);

        rig.AddPath();
        rig.Work.RunAll();
        io.AssertEnded(BlockStatus.Ok);
    }

    [Theory]
    [InlineData(MpathControllerState.Live, true)]
    [InlineData(MpathControllerState.Resetting, true)]
    [InlineData(MpathControllerState.Connecting, true)]
    [InlineData(MpathControllerState.Deleting, false)]
    [InlineData(MpathControllerState.Dead, false)]
    public void A_path_may_come_back_when_its_controller_may(MpathControllerState state, bool may)
    {
        using Rig rig = new(1);
        rig.Paths[0].AccessState = MpathAccessState.Other;
        rig.Paths[0].Controller.State = state;

        Assert.Equal(may, rig.Paths[0].Controller.MayComeBack);
        Assert.Equal(may, rig.Head.IsAvailable);
    }

    [Fact]
    public void It_is_the_driver_who_says_whether_a_path_may_come_back()
    {
        using Rig rig = new(2);
        rig.LoseAll();
        rig.Template.Available = path => ReferenceEquals(path, rig.Paths[1]);
        Assert.True(rig.Head.IsAvailable);

        rig.Template.Available = _ => false;

        Assert.False(rig.Head.IsAvailable);
        rig.Submit().AssertEnded(BlockStatus.IoError);
    }

    [Fact]
    public void A_template_that_throws_when_it_is_asked_has_no_path_to_offer()
    {
        using Rig rig = new(1);
        rig.LoseAll();
        rig.Template.Available = _ => throw new InvalidOperationException("bad driver");

        rig.Submit().AssertEnded(BlockStatus.IoError);

        rig.Template.Available = null;
        rig.Head.Remove(rig.Paths[0]);
        Assert.Equal(1, rig[0].Releases);
    }

    [Fact]
    public void Lines_about_io_are_rate_limited_each_by_itself()
    {
        using Rig rig = new(1);
        rig.LoseAll();
        for (int i = 0; i < 50; i++)
        {
            rig.Submit();
        }

        Assert.Equal(10, rig.Log.Count(NoUsablePath));
        rig.Paths[0].Controller.State = MpathControllerState.Dead;
        rig.Work.RunAll();

        Assert.Equal(10, rig.Log.Count(NoAvailablePath));
        Assert.Equal(50, rig.Head.FailNoAvailablePathCount);
    }

    [Fact]
    public void A_chain_of_submissions_from_completions_does_not_grow_the_stack()
    {
        using Rig rig = new(2, IoPolicies.RoundRobin);
        int left = 100_000;
        Io io = new(Bio.Rent(BioOp.Read, 0, new byte[512]));
        io.Then = again =>
        {
            if (--left > 0)
            {
                rig.Disk.Submit(again.Bio);
            }
        };

        rig.Disk.Submit(io.Bio);

        Assert.Equal(100_000, io.Ends);
    }

    [Fact]
    public void A_disk_counts_what_was_submitted_and_a_path_what_it_did()
    {
        using Rig rig = new(2);
        rig[0].FailWith(BlockStatus.Transport);

        Io io = rig.Submit();
        rig.Work.RunAll();

        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal(new IoStatistics(1, 512, 0, 0, 0, 0), rig.Head.Statistics);
        Assert.Equal((1, 1, 0, 0), Counts(rig.Paths[0].Statistics));
        Assert.Equal((1, 0, 0, 0), Counts(rig.Paths[1].Statistics));
    }

    private static (long, long, long, long) Counts(PathStatistics statistics) =>
        (statistics.Io.Ios, statistics.Failovers, statistics.Retries, statistics.Errors);
}
