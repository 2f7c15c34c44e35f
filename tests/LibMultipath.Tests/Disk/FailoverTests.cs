using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Selection;
using LibMultipath.Tests.Paths;
using LibMultipath.Topology;

namespace LibMultipath.Tests.Disk;

public sealed class FailoverTests
{
    [Theory]
    [InlineData(BlockStatus.NotSupported)]
    [InlineData(BlockStatus.NoSpace)]
    [InlineData(BlockStatus.Target)]
    [InlineData(BlockStatus.ReservationConflict)]
    [InlineData(BlockStatus.Medium)]
    [InlineData(BlockStatus.Protection)]
    [InlineData(BlockStatus.Invalid)]
    [InlineData(BlockStatus.ZoneOpenResource)]
    [InlineData(BlockStatus.ZoneActiveResource)]
    public void What_tells_of_the_target_the_data_or_the_request_is_final(BlockStatus status)
    {
        using Rig rig = new(2);
        rig[0].OnSubmit = attempt => attempt.End(status);

        rig.Submit().AssertEnded(status);

        Assert.Equal([0], rig.Picks);
        Assert.Equal(1, rig.Paths[0].Statistics.Errors);
        Assert.Equal(0, rig.Paths[0].Statistics.Failovers);
    }

    [Theory]
    [InlineData(BlockStatus.Transport)]
    [InlineData(BlockStatus.Offline)]
    [InlineData(BlockStatus.Timeout)]
    [InlineData(BlockStatus.IoError)]
    public void What_tells_of_the_path_is_tried_on_another_one(BlockStatus status)
    {
        using Rig rig = new(2);
        rig[0].OnSubmit = attempt => attempt.End(status);

        Io io = rig.Submit();
        Assert.False(io.HasEnded);
        Assert.Same(rig.Disk, io.Bio.Device);
        Assert.Equal(1, rig.Disk.WaitingCount);
        rig.Work.RunAll();

        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal([0, 1], rig.Picks);
        Assert.Equal(1, rig.Paths[0].Statistics.Failovers);
        Assert.Equal(0, rig.Paths[0].Statistics.Errors);
        Assert.Equal(1, rig.Log.Count(402));
    }

    [Theory]
    [InlineData(BlockStatus.Transport)]
    [InlineData(BlockStatus.IoError)]
    [InlineData(BlockStatus.Resource)]
    public void What_the_device_said_not_to_retry_is_final(BlockStatus status)
    {
        using Rig rig = new(2);
        rig[0].OnSubmit = attempt => attempt.Complete(status);

        rig.Submit().AssertEnded(status);

        Assert.Equal([0], rig.Picks);
    }

    [Theory]
    [InlineData(BioFlags.FailFastDev)]
    [InlineData(BioFlags.FailFastTransport)]
    [InlineData(BioFlags.FailFastDriver)]
    public void A_bio_that_must_fail_fast_is_tried_once(BioFlags flag)
    {
        using Rig rig = new(2);
        rig[0].FailWith(BlockStatus.Transport);
        rig.Submit(flag).AssertEnded(BlockStatus.Transport);

        rig[0].OnSubmit = attempt => attempt.RetryHere(BlockStatus.Resource);
        rig.Submit(flag).AssertEnded(BlockStatus.Resource);

        rig[0].OnSubmit = attempt => attempt.FailAccessState(BlockStatus.Transport);
        rig.Submit(flag).AssertEnded(BlockStatus.Transport);
        Assert.Equal([0, 0, 0], rig.Picks);
        Assert.Empty(rig.Template.Reread);
    }

    [Fact]
    public void A_path_that_failed_is_forgotten_on_every_node_before_the_bio_goes_on()
    {
        FixedNumaTopology topology = new(3);
        using Rig rig = new(2, IoPolicies.Numa, topology);
        Assert.All([0, 1, 2], node => Assert.Same(rig.Paths[0], rig.Head.GetCurrentPath(node)));
        rig[0].FailWith(BlockStatus.Transport);

        Io io = rig.Submit();

        Assert.All([0, 1, 2], node => Assert.Null(rig.Head.GetCurrentPath(node)));
        rig.Work.RunAll();
        io.AssertEnded(BlockStatus.Ok);
    }

    [Theory]
    [InlineData(1, "numa")]
    [InlineData(2, "numa")]
    [InlineData(2, "round-robin")]
    [InlineData(2, "queue-depth")]
    [InlineData(100, "numa")]
    [InlineData(100, "round-robin")]
    [InlineData(100, "queue-depth")]
    public void A_bio_that_every_path_failed_ends_with_the_last_error(int paths, string policy)
    {
        using Rig rig = new(paths, IoPolicies.Parse(policy));
        BlockStatus[] errors = [BlockStatus.Transport, BlockStatus.Timeout, BlockStatus.IoError, BlockStatus.Offline];
        for (int i = 0; i < paths; i++)
        {
            rig[i].FailWith(errors[i % 4]);
            rig.Paths[i].AccessState = i % 3 == 2 ? MpathAccessState.NonOptimized : MpathAccessState.Optimized;
        }

        Io io = rig.Submit();
        rig.Work.RunAll();

        Assert.Equal(Enumerable.Range(0, paths), rig.Picks.Order());
        io.AssertEnded(errors[rig.Picks[^1] % 4]);
        Assert.All(rig.Paths, path => Assert.Equal(1, path.Statistics.Failovers));
        Assert.Equal(0, rig.Disk.WaitingCount);

        // The next submission knows nothing of it.
        rig.Picks.Clear();
        Io again = rig.Submit();
        rig.Work.RunAll();
        Assert.Equal(1, again.Ends);
        Assert.Equal(paths, rig.Picks.Count);
    }

    [Fact]
    public void Optimized_paths_are_tried_before_the_others()
    {
        using Rig rig = new(4);
        rig.Paths[1].AccessState = MpathAccessState.NonOptimized;
        for (int i = 0; i < 4; i++)
        {
            rig[i].FailWith(BlockStatus.Transport);
        }

        rig.Submit();
        rig.Work.RunAll();

        Assert.Equal([0, 2, 3, 1], rig.Picks);
    }

    [Fact]
    public void A_change_of_a_path_gives_the_bio_another_round()
    {
        using Rig rig = new(2);
        rig[0].FailWith(BlockStatus.Transport);
        rig[1].Hold = true;
        Io io = rig.Submit();
        rig.Work.RunAll();

        rig.Paths[0].AccessState = MpathAccessState.NonOptimized;
        rig[1].Hold = false;
        rig[1].FailWith(BlockStatus.Timeout);
        rig[1].Take().FailPath(BlockStatus.Timeout);
        rig.Work.RunAll();

        // What began before the change does not count, so the second path has another try too.
        Assert.Equal([0, 1, 1, 0], rig.Picks);
        io.AssertEnded(BlockStatus.Transport);
    }

    [Fact]
    public void A_bio_that_every_usable_path_failed_does_not_wait_for_one_that_cannot_be_used()
    {
        using Rig rig = new(3);
        rig.Paths[2].AccessState = MpathAccessState.Other;
        rig[0].FailWith(BlockStatus.Transport);
        rig[1].FailWith(BlockStatus.Transport);

        Io io = rig.Submit();
        rig.Work.RunAll();

        io.AssertEnded(BlockStatus.Transport);
    }

    [Fact]
    public void A_path_that_was_removed_while_the_bio_failed_elsewhere_confuses_nothing()
    {
        using Rig rig = new(3, IoPolicies.QueueDepth);
        rig[0].Hold = rig[1].Hold = true;
        rig.Submit();
        Io io = rig.Submit();
        Assert.Equal([0, 1], rig.Picks);

        // It is tried and fails between the removal's beginning and the unlinking, which moves the paths behind it.
        rig[1].Hold = false;
        rig[1].FailWith(BlockStatus.Timeout);
        rig[0].OnAbortAll = () =>
        {
            rig[0].Take().Complete(BlockStatus.Ok);
            rig[1].Take().FailPath(BlockStatus.Transport);
            Assert.True(rig.Work.RunOne());
            Assert.Equal([0, 1, 2], rig.Picks);
        };
        rig.Head.Remove(rig.Paths[0]);
        rig.Work.RunAll();

        Assert.Equal([0, 1, 2], rig.Picks);
        io.AssertEnded(BlockStatus.Ok);
    }

    [Fact]
    public void A_path_that_comes_back_and_fails_a_bio_again_does_not_get_it_while_another_one_works()
    {
        using Rig rig = new(2);
        rig[0].Hold = true;
        Io io = rig.Submit();
        Assert.Equal([0], rig.Picks);

        // It comes back before the bio does, and selection would choose it.
        rig.Paths[0].SetDown();
        rig.Paths[0].SetLive();
        rig.Work.RunAll();
        rig[0].Take().FailPath(BlockStatus.Timeout);
        rig.Work.RunAll();

        Assert.Equal([0, 1], rig.Picks);
        io.AssertEnded(BlockStatus.Ok);
    }

    [Fact]
    public void A_path_that_failed_a_bio_gets_it_again_when_it_has_come_back_and_there_is_no_other()
    {
        using Rig rig = new(1);
        rig[0].Hold = true;
        Io io = rig.Submit();
        rig.Paths[0].SetDown();
        rig[0].Take().FailPath(BlockStatus.Timeout);
        rig.Work.RunAll();
        rig[0].Hold = false;

        rig.Paths[0].SetLive();
        rig.Work.RunAll();

        Assert.Equal([0, 0], rig.Picks);
        io.AssertEnded(BlockStatus.Ok);
    }

    [Fact]
    public void A_path_that_took_the_place_of_another_one_was_not_tried_yet()
    {
        using Rig rig = new(2);
        rig[0].FailWith(BlockStatus.Transport);
        rig[1].Hold = true;
        Io io = rig.Submit();
        rig.Work.RunAll();

        rig.Head.Remove(rig.Paths[0]);
        rig.AddPath();
        rig[1].Hold = false;
        rig[1].FailWith(BlockStatus.Transport);
        rig[1].Take().FailPath(BlockStatus.Transport);
        rig.Work.RunAll();

        Assert.Equal([0, 1, 2], rig.Picks);
        io.AssertEnded(BlockStatus.Ok);
    }

    [Fact]
    public void An_access_state_error_disables_the_path_until_its_state_was_read_anew()
    {
        using Rig rig = new(2);
        rig[0].Hold = true;
        Io first = rig.Submit();
        Io second = rig.Submit();

        rig[0].Take().FailAccessState(BlockStatus.Transport);
        rig[0].Take().FailAccessState(BlockStatus.Transport);

        Assert.True(rig.Paths[0].IsPending);
        Assert.True(rig.Paths[0].IsDisabled);
        Assert.Same(rig.Paths[0], Assert.Single(rig.Template.Reread));
        rig.Work.RunAll();
        first.AssertEnded(BlockStatus.Ok);
        second.AssertEnded(BlockStatus.Ok);
        Assert.Equal([0, 0, 1, 1], rig.Picks);

        rig[0].Hold = false;
        rig.Paths[0].AccessState = MpathAccessState.Optimized;
        Assert.False(rig.Paths[0].IsPending);
        Assert.Equal(0, rig.Pick());
    }

    [Fact]
    public void With_every_path_read_anew_a_bio_waits()
    {
        using Rig rig = new(2);
        rig[0].OnSubmit = attempt => attempt.FailAccessState(BlockStatus.Transport);
        rig[1].OnSubmit = attempt => attempt.FailAccessState(BlockStatus.Transport);

        Io io = rig.Submit();
        rig.Work.RunAll();

        Assert.False(io.HasEnded);
        rig[1].OnSubmit = null;
        rig.Paths[1].AccessState = MpathAccessState.Optimized;
        rig.Work.RunAll();
        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal([0, 1, 1], rig.Picks);
    }

    [Fact]
    public void A_driver_may_answer_at_once_when_it_is_asked_to_read_the_state()
    {
        using Rig rig = new(1);
        rig.Template.OnReread = path => path.AccessState = MpathAccessState.NonOptimized;
        int failures = 1;
        rig[0].OnSubmit = attempt =>
        {
            if (failures-- > 0)
            {
                attempt.FailAccessState(BlockStatus.Transport);
            }
            else
            {
                attempt.Complete(BlockStatus.Ok);
            }
        };

        Io io = rig.Submit();
        rig.Work.RunAll();

        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal([0, 0], rig.Picks);
    }

    [Fact]
    public void A_template_that_throws_when_it_is_asked_to_read_the_state_loses_no_bio()
    {
        using Rig rig = new(2);
        rig.Template.OnReread = _ => throw new InvalidOperationException("bad driver");
        rig[0].OnSubmit = attempt => attempt.FailAccessState(BlockStatus.Transport);

        Io io = rig.Submit();
        rig.Work.RunAll();

        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal(1, rig.Log.Count(405));
        Assert.Equal(0, rig.Paths[0].InFlight);
    }

    [Fact]
    public void An_attempt_that_ends_twice_or_late_changes_nothing()
    {
        using Rig rig = new(2);
        rig[0].Hold = rig[1].Hold = true;
        long stale = BlockDevice.StaleCompletions;
        Io io = rig.Submit();
        BioAttempt first = rig[0].Take();
        first.FailPath(BlockStatus.Transport);

        Assert.False(first.Complete(BlockStatus.Ok));
        rig.Work.RunAll();
        Assert.False(first.Complete(BlockStatus.Ok));
        Assert.False(first.FailPath(BlockStatus.Transport));
        Assert.False(io.HasEnded);

        Assert.True(rig[1].Take().Complete(BlockStatus.Ok));
        Assert.False(first.RetryHere(BlockStatus.Again));
        io.AssertEnded(BlockStatus.Ok);
        Assert.True(BlockDevice.StaleCompletions - stale >= 4);
        Assert.Equal([0, 1], rig.Picks);
    }

    [Fact]
    public void An_attempt_that_did_not_go_through_never_ends_well()
    {
        using Rig rig = new(2);
        rig[0].FailWith(BlockStatus.Ok);
        rig[1].FailWith(BlockStatus.Ok);

        Io io = rig.Submit();
        rig.Work.RunAll();

        io.AssertEnded(BlockStatus.IoError);
    }

    [Fact]
    public void A_driver_that_throws_has_failed_on_this_path()
    {
        using Rig rig = new(2);
        rig[0].OnSubmit = _ => throw new InvalidOperationException("bad driver");

        Io io = rig.Submit();
        rig.Work.RunAll();

        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal([0, 1], rig.Picks);
    }
}
