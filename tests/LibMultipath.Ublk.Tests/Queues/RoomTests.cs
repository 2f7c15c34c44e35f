using LibMultipath.Block;
using LibMultipath.IoUring;
using LibMultipath.IoUring.Abi;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Queues;
using LibMultipath.Ublk.Tests.Queues.Kit;

namespace LibMultipath.Ublk.Tests.Queues;

/// <summary>When the ring has no room, what a queue has to do waits, and nothing is lost.</summary>
public sealed class RoomTests
{
    [Theory]
    [InlineData(UblkFeatures.None)]
    [InlineData(UblkFeatures.BatchIo)]
    public void Tags_are_fetched_when_there_is_room(UblkFeatures features)
    {
        using var rig = new QueueRig(features);
        rig.Fill();
        rig.Queue.Start();
        Assert.False(rig.Queue.IsEnded);

        // This kernel has the commands, and refuses each.
        rig.PollUntil(() => rig.Queue.IsEnded, "every fetch to be refused");
        Assert.Equal(Errno.EOPNOTSUPP, rig.Queue.Fault);
    }

    [Fact]
    public void Pages_are_registered_when_there_is_room()
    {
        using var rig = new QueueRig(UblkFeatures.ZeroCopy);
        rig.Queue.Start();
        rig.Fill();
        rig.Ask(3, UblkOp.Write);
        rig.Complete(QueueCommands.Fetch, 3, UblkIo.UBLK_IO_RES_OK);
        Assert.Empty(rig.Target.Held);

        // The registration is refused too, and its request fails with that.
        rig.PollUntil(() => rig.Queue.TagState(3).Result == -(int)Errno.EOPNOTSUPP, "the registration to have been tried");
    }

    [Fact]
    public unsafe void The_requests_of_a_batch_wait_for_room_one_by_one()
    {
        using var rig = new QueueRig(UblkFeatures.BatchIo | UblkFeatures.ZeroCopy, ring: new RingOptions { Entries = 4 });
        rig.Queue.Start();
        for (int tag = 0; tag < QueueRig.Depth; tag++)
        {
            rig.Ask(tag, UblkOp.Read);
        }

        // A buffer that the kernel did not fill names tag 0 as often as it is long.
        rig.Complete(QueueCommands.Fetch, 0, QueueRig.Depth * sizeof(ushort), CqeFlags.Buffer | CqeFlags.More);
        Assert.Equal(rig.Loop.Ring.SubmissionEntries - 1, rig.Loop.Ring.Unsubmitted);
        rig.PollUntil(() => rig.Queue.TagState(0).Result == -(int)Errno.EOPNOTSUPP, "the registration to have been tried");
    }

    [Fact]
    public void Data_is_asked_for_when_there_is_room()
    {
        using var rig = new QueueRig(UblkFeatures.GetData);
        rig.Queue.Start();
        rig.Fill();
        rig.Complete(QueueCommands.Fetch, 0, UblkIo.UBLK_IO_RES_NEED_GET_DATA);
        rig.Complete(QueueCommands.Fetch, 0, UblkIo.UBLK_IO_RES_OK);
        Assert.Empty(rig.Target.Held);
        rig.PollUntil(() => rig.Target.Held.Count == 1, "the request to come after its data");
    }

    [Fact]
    public void Requests_come_in_order_when_there_is_room()
    {
        using var rig = new QueueRig(UblkFeatures.None);
        rig.Queue.Start();
        rig.Fill();
        for (int tag = 0; tag < QueueRig.Depth; tag++)
        {
            rig.Complete(QueueCommands.Fetch, tag, UblkIo.UBLK_IO_RES_OK);
        }

        rig.PollUntil(() => rig.Target.Held.Count == QueueRig.Depth, "the requests to come");
        Assert.Equal(Enumerable.Range(0, QueueRig.Depth), rig.Target.Held.Select(request => request.Tag));
    }

    [Fact]
    public void What_still_waits_when_the_queue_goes_is_the_drivers()
    {
        using var rig = new QueueRig(UblkFeatures.None);
        rig.Queue.Start();
        rig.Fill();
        rig.Complete(QueueCommands.Fetch, 0, UblkIo.UBLK_IO_RES_OK);
        rig.Queue.Dispose();
        rig.System.IsBusy = false;
        rig.Loop.Poll(TimeSpan.Zero);
        Assert.Empty(rig.Target.Held);
        Assert.Equal(["starting", "ended"], rig.Target.Told);
    }

    [Fact]
    public void A_ring_without_room_for_a_commit_is_refused()
    {
        using var rig = new QueueRig(UblkFeatures.None, ring: new RingOptions { Entries = 1 });
        Assert.Contains("room for 2", Assert.Throws<InvalidOperationException>(rig.Queue.Start).Message, StringComparison.Ordinal);
        Assert.Empty(rig.Target.Told);
    }
}
