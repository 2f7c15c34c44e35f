using LibMultipath.Block;

namespace LibMultipath.Nbd.Tests.Kit.Load;

/// <summary>Counts what the process allocates while a disk is busy.</summary>
internal static class Allocations
{
    private const int Depth = 16;
    private const int Ios = 20_000;

    /// <summary>The runner and the runtime allocate a little beside; an object per I/O would be 24 bytes at the least.</summary>
    public static void AssertNone(BlockDevice disk)
    {
        byte[][] buffers = [.. Enumerable.Range(0, Depth).Select(_ => new byte[4096])];
        Run(disk, buffers);
        long least = long.MaxValue;
        for (int i = 0; i < 5 && least >= Ios; i++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            Run(disk, buffers);
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        Assert.True(least < Ios, $"{least} bytes for {Ios} I/Os");
    }

    private static void Run(BlockDevice disk, byte[][] buffers)
    {
        int left = Ios;
        int bad = 0;
        using var done = new CountdownEvent(Depth);
        Bio[] bios = [.. Enumerable.Range(0, Depth).Select(i => Bio.Rent(i % 2 == 0 ? BioOp.Read : BioOp.Write, i * 8, buffers[i]))];
        foreach (Bio bio in bios)
        {
            bio.EndIo = ended =>
            {
                if (ended.Status != BlockStatus.Ok)
                {
                    Interlocked.Increment(ref bad);
                }

                if (Interlocked.Decrement(ref left) > 0)
                {
                    disk.Submit(ended);
                }
                else
                {
                    done.Signal();
                }
            };
            disk.Submit(bio);
        }

        Assert.True(done.Wait(Eventually.Limit));
        Assert.Equal(0, bad);
        Array.ForEach(bios, bio => bio.Dispose());
    }
}
