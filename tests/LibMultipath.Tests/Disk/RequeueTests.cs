using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Paths;
using LibMultipath.Selection;
using LibMultipath.Tests.Kit;
using LibMultipath.Tests.Paths;
using LibMultipath.Tests.Reclamation;
using LibMultipath.Topology;

namespace LibMultipath.Tests.Disk;

public sealed class RequeueTests
{
    public static TheoryData<string> Causes => ["set-live", "state", "down", "controller", "revalidate", "policy", "delay", "asked", "path removed", "path added"];

    [Theory]
    [MemberData(nameof(Causes))]
    public void Whatever_may_help_lets_the_bios_that_wait_be_tried_again(string cause)
    {
        using Rig rig = new(3);
        rig.LoseAll();
        Io io = rig.Submit();
        Assert.Equal(1, rig.Head.RequeueNoUsablePathCount);
        Assert.Equal(0, rig.Work.RunAll());

        MpathDevice path = rig.Paths[1];
        switch (cause)
        {
            case "set-live": path.SetLive(); break;
            case "state":
                // Behind the back of whatever else would try the bio again.
                path.SetReason(PathState.UsableOptimized, true);
                path.AccessState = MpathAccessState.NonOptimized;
                break;
            case "down": path.SetDown(); break;
            case "controller": path.Controller.State = MpathControllerState.Resetting; break;
            case "revalidate": rig.Head.Revalidate(); break;
            case "policy": rig.Head.Policy.Set(IoPolicies.RoundRobin); break;
            case "delay": rig.Head.DelayedRemovalSecs = 5; break;
            case "path removed": rig.Head.Remove(path); break;
            case "path added": rig.AddPath(MpathAccessState.Other); break;
            default: rig.Head.ScheduleRequeue(); break;
        }

        Assert.True(rig.Work.RunAll() > 0, "Nothing was tried again.");
        if (cause == "state")
        {
            io.AssertEnded(BlockStatus.Ok);
        }
        else
        {
            Assert.False(io.HasEnded);
            Assert.Equal(2, rig.Head.RequeueNoUsablePathCount);
        }
    }

    [Fact]
    public void A_bio_that_comes_back_to_the_list_waits_for_the_next_cause()
    {
        using Rig rig = new(2);
        rig.LoseAll();
        for (int i = 0; i < 10; i++)
        {
            rig.Submit();
        }

        rig.Head.ScheduleRequeue();

        Assert.Equal(1, rig.Work.RunAll());
        Assert.Equal(20, rig.Head.RequeueNoUsablePathCount);
        Assert.Equal(10, rig.Disk.WaitingCount);
        Assert.Equal(0, rig.Work.RunAll());
    }

    [Fact]
    public void Bios_go_on_in_the_order_in_which_they_came()
    {
        using Rig rig = new(1);
        rig.LoseAll();
        var order = new List<long>();
        for (int i = 0; i < 5; i++)
        {
            rig.Submit(sector: i).Then = io => order.Add(io.Bio.Sector);
        }

        rig.Paths[0].AccessState = MpathAccessState.Optimized;
        rig.Work.RunAll();

        Assert.Equal([0, 1, 2, 3, 4], order);
    }

    [Fact]
    public void A_removed_disk_fails_what_waits()
    {
        using Rig rig = new(2);
        rig.LoseAll();
        Io io = rig.Submit();

        rig.Disk.Remove();

        io.AssertEnded(BlockStatus.IoError);
        Assert.Equal(1, rig.Head.FailNoAvailablePathCount);
    }

    [Fact]
    public void A_submission_from_the_completion_of_a_bio_that_waited_goes_the_same_way()
    {
        using Rig rig = new(1);
        rig.LoseAll();
        Io second = new(Bio.Rent(BioOp.Read, 0, new byte[512]));
        Io first = rig.Submit();
        first.Then = _ => rig.Disk.Submit(second.Bio);

        rig.Paths[0].AccessState = MpathAccessState.Optimized;
        rig.Work.RunAll();

        first.AssertEnded(BlockStatus.Ok);
        second.AssertEnded(BlockStatus.Ok);
    }
}

/// <summary>Takes the whole pool away, so nothing else may run.</summary>
[Collection(AloneCollection.Name)]
public sealed class RequeueWithoutPoolTests
{
    [Fact]
    public void Waiting_io_goes_on_while_every_thread_of_the_pool_is_blocked()
    {
        var template = new TestTemplate();
        using MpathHead head = new("head", template, new MpathHeadOptions { Topology = new FixedNumaTopology(1) });
        using MpathDisk disk = new(head);
        TestDisk[] disks = [new("bad"), new("good")];
        MpathDevice[] paths = [new(new MpathController(1), disks[0]), new(new MpathController(2), disks[1])];
        foreach (MpathDevice path in paths)
        {
            head.Add(path);
            path.SetLive();
        }

        disks[0].FailWith(BlockStatus.Transport);
        Io io = new(Bio.Rent(BioOp.Read, 0, new byte[512]));
        using (var pool = new BlockedPool())
        {
            disk.Submit(io.Bio);

            Eventually.True(() => io.HasEnded, "a bio that failed over");
            pool.AssertBlocked();
        }

        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal((1, 1), (disks[0].Submitted, disks[1].Submitted));
        foreach (MpathDevice path in paths)
        {
            head.Remove(path);
        }
    }
}
