using LibMultipath.Block;
using LibMultipath.IoUring;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Tests.Queues.Kit;

namespace LibMultipath.Ublk.Tests.Queues;

/// <summary>A queue that cannot be started leaves nothing on its loop.</summary>
public sealed class StartTests
{
    [Fact]
    public void A_batch_without_its_buffers_lets_the_loop_go()
    {
        using var rig = new QueueRig(UblkFeatures.BatchIo, busy: false);

        // The group of buffers that the loop gives to the queue is somebody's already.
        using var taken = new ProvidedBuffers(rig.Loop.Ring, 0, 16, 64);
        Assert.Equal(Errno.EEXIST, Assert.Throws<RingException>(rig.Queue.Start).Errno);

        Assert.Equal(1, rig.Loop.AddChannel(rig.Queue));
        Assert.Equal(0, rig.Loop.AddFile(rig.Queue.Device));
        Assert.Throws<InvalidOperationException>(rig.Queue.Start);
        rig.Queue.Dispose();
        Assert.Equal(["starting", "ended"], rig.Target.Told);
    }

    [Fact]
    public void A_queue_whose_device_was_closed_lets_the_loop_go()
    {
        using var rig = new QueueRig(UblkFeatures.None, busy: false);
        rig.Queue.Device.Dispose();
        Assert.Throws<ObjectDisposedException>(rig.Queue.Start);
        Assert.Equal(1, rig.Loop.AddChannel(rig.Queue));
    }
}
