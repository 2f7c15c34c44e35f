using BdevDriver;
using Drivers.Tests.Kit;
using LibMultipath.Block;
using LibMultipath.Tests.Kit;
using LoopDriver;
using NullDriver;

namespace Drivers.Tests;

/// <summary>The drivers allocate nothing for an I/O once they are warm.</summary>
public sealed class AllocationTests : IDisposable
{
    private const int Depth = 16;
    private const int Ios = 20_000;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_null_path_allocates_nothing()
    {
        using var path = new NullPath("null", new NullOptions());
        AssertAllocatesNothing(path);
    }

    [Fact]
    public void A_null_path_with_latency_allocates_nothing()
    {
        using var path = new NullPath("null", new NullOptions { Latency = TimeSpan.FromMicroseconds(50) });
        AssertAllocatesNothing(path);
    }

    [Theory]
    [InlineData(LoopEngine.Ring)]
    [InlineData(LoopEngine.Threads)]
    public void A_loop_path_allocates_nothing(LoopEngine engine)
    {
        using LoopPath path = LoopPath.Open("loop", new LoopOptions { Engine = engine, File = _folder.Make("disk", 1 << 20) });
        AssertAllocatesNothing(path);
    }

    [Theory]
    [InlineData(LoopEngine.Ring)]
    [InlineData(LoopEngine.Threads)]
    public void A_path_to_a_device_allocates_nothing(LoopEngine engine)
    {
        using var devices = new FakeDevices();
        using BdevPath path = devices.Open(devices.Add("sda"), options => options with { Engine = engine });
        AssertAllocatesNothing(path);
    }

    // The runner and the runtime allocate a little beside; an object per I/O would be 24 bytes at the least.
    private static void AssertAllocatesNothing(BlockDevice disk)
    {
        Run(disk);
        long least = long.MaxValue;
        for (int i = 0; i < 5 && least >= Ios; i++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            Run(disk);
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        Assert.True(least < Ios, $"{least} bytes for {Ios} I/Os");
    }

    private static void Run(BlockDevice disk)
    {
        int left = Ios;
        using var done = new CountdownEvent(Depth);
        Bio[] bios = [.. Enumerable.Range(0, Depth).Select(i => Bio.Rent(i % 2 == 0 ? BioOp.Read : BioOp.Write, i * 8, new byte[512]))];
        foreach (Bio bio in bios)
        {
            bio.EndIo = ended =>
            {
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
        Array.ForEach(bios, bio => bio.Dispose());
    }
}
