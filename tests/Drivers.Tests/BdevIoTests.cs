using BdevDriver;
using Drivers.Tests.Kit;
using LibMultipath.Block;
using LoopDriver;
using Xunit.Abstractions;

namespace Drivers.Tests;

/// <summary>Every operation, on a device that is a file.</summary>
public sealed class BdevIoTests(ITestOutputHelper output) : IDisposable
{
    private const int Block = 4096;

    private readonly FakeDevices _devices = new();

    public void Dispose() => _devices.Dispose();

    [Theory]
    [InlineData(LoopEngine.Ring)]
    [InlineData(LoopEngine.Threads)]
    public void A_device_is_after_any_history_what_an_array_would_be(LoopEngine engine)
    {
        FakeDevice disk = _devices.Add("sda", file: _devices.Folder.Make("sda", 64 * Block));
        using BdevPath path = _devices.Open(disk, options => options with { Engine = engine });
        Assert.Equal(engine, path.Engine);
        DiskHistory.Check(path, () => File.ReadAllBytes(disk.File), output);
    }

    [Fact]
    public void What_a_ring_cannot_discard_a_thread_does()
    {
        // A ring has no such command for a file.
        FakeDevice disk = _devices.Add("sda");
        using BdevPath path = _devices.Open(disk, options => options with { Engine = LoopEngine.Ring });
        using var flight = new Flight();
        Assert.Equal(BlockStatus.Ok, Flight.Run(path, Bio.Rent(BioOp.Write, 0, Data.Filled(64 * Block, 7))));
        for (int i = 0; i < 64; i += 2)
        {
            flight.Submit(path, Bio.Rent(BioOp.Discard, i * 8, Block));
        }

        flight.Wait();
        Assert.All(flight.Statuses, status => Assert.Equal(BlockStatus.Ok, status));
        Assert.Equal(Enumerable.Range(0, 64).Select(i => i % 2 * 7), File.ReadAllBytes(disk.File).Chunk(Block).Take(64).Select(block => (int)block[0]));
    }

    [Fact]
    public void A_discard_meets_a_path_that_fails_and_ends()
    {
        using var rig = new BdevRig(LoopEngine.Ring);
        (BdevPath path, _) = rig.Add();
        rig.Add();
        for (int round = 0; round < 20; round++)
        {
            using var flight = new Flight();
            for (int i = 0; i < 16; i++)
            {
                flight.Submit(rig.Disk, Bio.Rent(BioOp.Discard, i * 8, Block));
            }

            path.Fail();
            flight.Wait();
            Assert.All(flight.Statuses, status => Assert.Equal(BlockStatus.Ok, status));
            path.Restore();
        }
    }
}
