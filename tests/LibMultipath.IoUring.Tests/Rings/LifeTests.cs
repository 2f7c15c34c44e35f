using LibMultipath.IoUring.Abi;
using LibMultipath.IoUring.Loops;
using LibMultipath.IoUring.Tests.Kit;
using LibMultipath.Tests.Kit;

namespace LibMultipath.IoUring.Tests.Rings;

public sealed unsafe class LifeTests
{
    private const int Rounds = 200;

    [Fact]
    public void A_ring_that_is_gone_throws_and_touches_nothing()
    {
        Ring ring = RingExtensions.MakeRing();
        ring.GetSqe(1).PrepNop();
        ring.Dispose();
        ring.Dispose();
        Assert.True(ring.IsDisposed);
        Assert.Equal(0, ring.Unsubmitted);
        Assert.All((Action[])[
            () => ring.GetSqe(),
            () => ring.Submit(),
            () => ring.SubmitAndWait(1, TimeSpan.Zero),
            () => ring.TryGetCompletion(out _),
            () => ring.RegisterFiles(1),
            () => ring.SetFile(0, null),
            () => ring.Supports(IoUringOp.Nop),
        ], use => Assert.Throws<ObjectDisposedException>(use));
    }

    [Fact]
    public void Rings_with_operations_under_way_leave_no_descriptor_and_no_mapping()
    {
        using Pipe pipe = Native.Pipe();
        using MappedMemory memory = MappedMemory.Anonymous(4096);
        AssertLeavesNothing(() =>
        {
            using Ring ring = RingExtensions.MakeRing();
            for (ulong i = 0; i < 10; i++)
            {
                ring.GetSqe(i).PrepRead((int)pipe.Read.DangerousGetHandle(), memory.Address, 1, ulong.MaxValue);
            }

            ring.Submit();
            using var buffers = new ProvidedBuffers(ring, 0, 8, 4096);
        });

        // Nobody reads any more: what is written stays.
        Native.Write(pipe.Write, [1]);
        using Ring ring = RingExtensions.MakeRing();
        ring.GetSqe(1).PrepRead((int)pipe.Read.DangerousGetHandle(), memory.Address, 1, ulong.MaxValue);
        Assert.Equal(1, ring.Next().Result);
    }

    [Fact]
    public void Loops_with_operations_under_way_leave_no_descriptor_and_no_mapping()
    {
        using Pipe pipe = Native.Pipe();
        using MappedMemory memory = MappedMemory.Anonymous(4096);
        AssertLeavesNothing(() =>
        {
            using var loop = new RingLoop();
            loop.Attach();
            loop.AddFile(pipe.Read);
            var operation = new Operation();
            loop.Prepare(operation).PrepRead((int)pipe.Read.DangerousGetHandle(), memory.Address, 1, ulong.MaxValue);
            loop.Poll(TimeSpan.FromTicks(1));
            Assert.True(operation.IsUnderWay);
        });
    }

    [Fact]
    public void Loops_that_nobody_drove_leave_nothing_either() => AssertLeavesNothing(() => new RingLoop().Dispose());

    private static void AssertLeavesNothing(Action action)
    {
        action();
        int descriptors = Open.Descriptors;
        int rings = Open.Rings;
        int mappings = Open.Mappings;
        for (int i = 0; i < Rounds; i++)
        {
            action();
        }

        // The runtime may map and open a little of its own.
        Eventually.True(() => Open.Descriptors < descriptors + (Rounds / 10), "the descriptors to be closed");
        Assert.Equal(rings, Open.Rings);
        Assert.InRange(Open.Mappings, 0, mappings + (Rounds / 2));
    }
}
