using LibMultipath.IoUring.Abi;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Queues;
using LibMultipath.Ublk.Tests.Queues.Kit;

namespace LibMultipath.Ublk.Tests.Queues;

/// <summary>A queue that is quiesced ends when every request that has come has its end, those on their way to the target included.</summary>
public sealed class EndTests
{
    [Fact]
    public void A_batch_has_not_ended_while_pages_are_being_registered()
    {
        using var rig = new QueueRig(UblkFeatures.BatchIo | UblkFeatures.ZeroCopy);
        rig.Ask(0, UblkOp.Write);
        rig.Queue.Start();
        rig.Complete(QueueCommands.Fetch, 0, sizeof(ushort), CqeFlags.Buffer | CqeFlags.More);
        rig.Complete(QueueCommands.Fetch, 0, UblkIo.UBLK_IO_RES_ABORT);
        Assert.False(rig.Queue.IsEnded);

        rig.Complete(QueueCommands.Register, 0, 0);
        Assert.False(rig.Queue.IsEnded);
        Assert.Single(rig.Target.Held)!.Complete();
        Assert.False(rig.Queue.IsEnded);

        // What was prepared at the start went with the first buffer of elements, the commit with the second.
        rig.Loop.Poll(TimeSpan.Zero);
        rig.Complete(BatchCommands.CommitKind, 1, 8);
        Assert.True(rig.Queue.IsEnded);
    }

    [Theory]
    [InlineData(UblkFeatures.GetData, UblkIo.UBLK_IO_RES_NEED_GET_DATA)]
    [InlineData(UblkFeatures.ZeroCopy, UblkIo.UBLK_IO_RES_OK)]
    public void A_queue_has_not_ended_while_a_request_is_on_its_way(UblkFeatures features, int came)
    {
        using var rig = new QueueRig(features);
        rig.Ask(0, UblkOp.Write);
        rig.Queue.Start();
        rig.Complete(QueueCommands.Fetch, 0, came);
        int filled = rig.Loop.Ring.Unsubmitted;
        rig.Complete(QueueCommands.Fetch, 1, UblkIo.UBLK_IO_RES_ABORT);
        Assert.Equal(filled, rig.Loop.Ring.Unsubmitted);

        bool registers = features == UblkFeatures.ZeroCopy;
        rig.Complete(registers ? QueueCommands.Register : QueueCommands.Fetch, 0, 0);
        Assert.Single(rig.Target.Held)!.Complete();
        rig.Complete(QueueRig.Mark, 0, 0);
        Assert.True(rig.Queue.IsEnded);
    }

    [Fact]
    public void A_request_that_was_taken_back_before_its_data_came_keeps_no_queue()
    {
        using var rig = new QueueRig(UblkFeatures.GetData);
        rig.Queue.Start();
        rig.Complete(QueueCommands.Fetch, 0, UblkIo.UBLK_IO_RES_NEED_GET_DATA);
        rig.Complete(QueueCommands.Fetch, 0, UblkIo.UBLK_IO_RES_ABORT);
        rig.Complete(QueueRig.Mark, 0, 0);
        Assert.True(rig.Queue.IsEnded);
    }

    [Theory]
    [InlineData(UblkFeatures.None, UblkIo.UBLK_IO_RES_OK, CqeFlags.None)]
    [InlineData(UblkFeatures.BatchIo, sizeof(ushort), CqeFlags.Buffer | CqeFlags.More)]
    public void What_a_target_completes_when_its_queue_is_gone_is_too_late_and_harmless(UblkFeatures features, int came, CqeFlags flags)
    {
        using var rig = new QueueRig(features);
        rig.Ask(0, UblkOp.Write);
        rig.Queue.Start();
        rig.Complete(QueueCommands.Fetch, 0, came, flags);
        UblkRequest request = Assert.Single(rig.Target.Held);
        bool? taken = null;
        rig.Target.Ending = () =>
        {
            Assert.Equal(UblkOp.Write, request.Op);
            taken = request.Complete();
        };
        int unsubmitted = rig.Loop.Ring.Unsubmitted;
        rig.Queue.Dispose();
        Assert.False(taken);
        Assert.Equal(unsubmitted, rig.Loop.Ring.Unsubmitted);
    }

    [Theory]
    [InlineData(UblkFeatures.None)]
    [InlineData(UblkFeatures.BatchIo)]
    public void A_queue_that_is_disposed_before_it_has_ended_keeps_its_memory_until_the_ring_is_closed(UblkFeatures features)
    {
        using var rig = new QueueRig(features);
        rig.Target.Buffers = 0;
        rig.Queue.Start();
        rig.Queue.Dispose();
        Assert.Equal(QueueRig.Depth, rig.Target.Buffers);
        rig.Loop.Dispose();
        Assert.Equal(0, rig.Target.Buffers);
    }

    [Theory]
    [InlineData(UblkFeatures.None)]
    [InlineData(UblkFeatures.BatchIo)]
    public void What_a_queue_still_had_with_the_kernel_is_not_taken_for_the_next_ones(UblkFeatures features)
    {
        using var rig = new QueueRig(features);
        rig.Queue.Start();
        rig.Queue.Dispose();
        int next = rig.Loop.AddChannel(rig.Queue);
        Assert.NotEqual(1, next);
        rig.Loop.RemoveChannel(next);
        rig.PollUntil(() => rig.Loop.Ring.ReadyCompletions == 0 && rig.Loop.AddChannel(rig.Queue) == 1, "the commands to come back");
    }

    [Fact]
    public void A_target_that_throws_when_it_has_a_buffer_back_gets_the_others_as_well()
    {
        using var rig = new QueueRig(UblkFeatures.None);
        rig.Target.Buffers = 0;
        rig.Target.Freed = () => throw new InvalidOperationException("on purpose");
        rig.Queue.Start();
        rig.Queue.Dispose();
        rig.Loop.Dispose();
        Assert.Equal(0, rig.Target.Buffers);
    }

    [Fact]
    public void A_failed_registration_ends_its_request_and_then_the_queue()
    {
        using var rig = new QueueRig(UblkFeatures.ZeroCopy);
        rig.Ask(0, UblkOp.Write);
        rig.Queue.Start();
        rig.Complete(QueueCommands.Fetch, 0, UblkIo.UBLK_IO_RES_OK);
        rig.Complete(QueueCommands.Fetch, 1, UblkIo.UBLK_IO_RES_ABORT);
        rig.Complete(QueueCommands.Register, 0, -12);
        Assert.Empty(rig.Target.Held);
        rig.Complete(QueueRig.Mark, 0, 0);
        Assert.True(rig.Queue.IsEnded);
    }
}
