using Mpathd.Engine;
using Mpathd.Tests.Kit;
using Mpathd.Tests.Processes;

namespace Mpathd.Tests.Engine;

/// <summary>Alone, because what is counted is the whole process's.</summary>
[Collection(ProcessCollection.Name)]
public sealed class WorkloadAllocationTests
{
    [Fact]
    public void An_io_allocates_nothing()
    {
        using var engine = new WorkloadEngine(new MemoryDisk("m", new byte[1 << 20], atOnce: true), new WorkloadOptions
        {
            Pattern = AccessPattern.RandRw,
            BlockSize = 512,
            Blocks = 2048,
            Depth = 16,
            Seed = 1,
            MaxBlocksPerIo = 4,
            FlushOnceIn = 100,
            FuaOnceIn = 100,
            Verify = true,
            Zeroed = true,
        });
        engine.Start();
        LanePhase work = engine.Work!;
        Eventually.True(() => work.Ios >= 20_000, "the start");
        long ios = work.Ios;
        long bytes = GC.GetTotalAllocatedBytes(precise: true);
        Eventually.True(() => work.Ios >= ios + 100_000, "100,000 I/Os");
        bytes = GC.GetTotalAllocatedBytes(precise: true) - bytes;
        engine.Stop();
        Assert.True(engine.Wait(TimeSpan.FromSeconds(30)));

        // The smallest object there is, once an I/O, would be 2.4 MB; looking at the counters allocates a little.
        Assert.InRange(bytes, 0, 1_200_000);
    }
}
