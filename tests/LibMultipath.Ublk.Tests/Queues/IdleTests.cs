using LibMultipath.IoUring;
using LibMultipath.IoUring.Abi;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Queues;
using LibMultipath.Ublk.Tests.Queues.Kit;

namespace LibMultipath.Ublk.Tests.Queues;

/// <summary>Memory is given back only when the driver can have put nothing there, and needs nothing of it.</summary>
public sealed unsafe class IdleTests
{
    [Fact]
    public void An_idle_queue_gives_its_memory_back()
    {
        using var rig = new QueueRig(UblkFeatures.None, busy: false);
        Idle(rig);
        Assert.Equal(0, *rig.Queue.BufferOf(0));
        Assert.Contains("idle", rig.Target.Told);
    }

    [Fact]
    public void On_a_ring_whose_completions_come_by_themselves_memory_stays()
    {
        // There, the driver may have copied a write's data here just now.
        using var rig = new QueueRig(UblkFeatures.None, busy: false, new RingOptions { SingleIssuer = false });
        Idle(rig);
        Assert.Equal(42, *rig.Queue.BufferOf(0));
        Assert.DoesNotContain("idle", rig.Target.Told);
    }

    [Fact]
    public void Data_that_was_read_stays_until_the_batch_that_commits_it_is_done()
    {
        using var rig = new QueueRig(UblkFeatures.BatchIo, busy: false);
        rig.Ask(0, UblkOp.Read);
        rig.Queue.Start();
        rig.PollUntil(() => rig.Queue.IsEnded, "the preparation to be refused");
        rig.Complete(QueueCommands.Fetch, 0, sizeof(ushort), CqeFlags.Buffer | CqeFlags.More);
        *rig.Queue.BufferOf(0) = 42;
        Assert.Single(rig.Target.Held)!.Complete();
        Assert.True(rig.Loop.IsQuiet);
        rig.Queue.BeIdle();
        Assert.Equal(42, *rig.Queue.BufferOf(0));

        // The commit is refused, and there is no request any more.
        rig.PollUntil(() => rig.Loop.IsQuiet, "the commit to go");
        rig.Queue.BeIdle();
        Assert.Equal(0, *rig.Queue.BufferOf(0));
    }

    private static void Idle(QueueRig rig)
    {
        rig.Queue.Start();
        rig.PollUntil(() => rig.Queue.IsEnded, "every fetch to be refused");
        *rig.Queue.BufferOf(0) = 42;
        rig.Queue.BeIdle();
    }
}
