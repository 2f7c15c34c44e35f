using BdevDriver;
using Drivers.Tests.Kit;
using FsCheck;
using FsCheck.Fluent;
using LibMultipath.Block;
using LibMultipath.Tests.Kit;
using LoopDriver;
using Xunit.Abstractions;

namespace Drivers.Tests;

/// <summary>The limits of a path are its device's, as far as limits can be what devices say.</summary>
public sealed class BdevLimitsTests(ITestOutputHelper output) : IDisposable
{
    private const QueueFeatures OfDevice = ~QueueFeatures.RegisteredBuffers;

    private readonly FakeDevices _devices = new();

    public void Dispose() => _devices.Dispose();

    [Fact]
    public void They_are_what_the_device_says()
    {
        FakeDevice disk = _devices.Add("sda");
        disk.IoOpt = 65536;
        disk.Set("queue/chunk_sectors", "256");
        disk.Set("queue/stable_writes", "1");
        disk.Set("queue/rotational", "1");
        disk.Set("discard_alignment", "512");
        QueueLimits limits = LimitsOf(disk);
        Assert.Equal((512, 4096, 4096, 65536), (limits.LogicalBlockSize, limits.PhysicalBlockSize, limits.IoMin, limits.IoOpt));
        Assert.Equal((2560, 64, 3, 256), (limits.MaxSectors, limits.MaxSegments, limits.DmaAlignment, limits.ChunkSectors));
        Assert.Equal((2097152, 4096, 512), (limits.MaxDiscardSectors, limits.DiscardGranularity, limits.DiscardAlignment));
        Assert.Equal(65535, limits.MaxWriteZeroesSectors);
        Assert.Equal(
            QueueFeatures.WriteCache | QueueFeatures.Fua | QueueFeatures.Rotational | QueueFeatures.StableWrites, limits.Features & OfDevice);
    }

    [Fact]
    public void A_device_without_a_volatile_cache_is_not_flushed()
    {
        FakeDevice disk = _devices.Add("sda");
        disk.Set("queue/write_cache", "write through");
        Assert.Equal(QueueFeatures.None, LimitsOf(disk).Features & OfDevice);
    }

    [Fact]
    public void A_device_that_neither_discards_nor_zeroes_says_so()
    {
        FakeDevice disk = _devices.Add("sda");
        disk.Set("queue/discard_max_bytes", "0");
        disk.Set("queue/write_zeroes_max_bytes", "0");
        Assert.Equal((0, 0), (LimitsOf(disk).MaxDiscardSectors, LimitsOf(disk).MaxWriteZeroesSectors));
    }

    [Fact]
    public void A_device_whose_blocks_are_misaligned_says_so()
    {
        FakeDevice disk = _devices.Add("sda");
        disk.AlignmentOffset = -1;
        disk.IoOpt = 65536;
        Assert.Equal((true, 0, 0), (LimitsOf(disk).Misaligned, LimitsOf(disk).AlignmentOffset, LimitsOf(disk).IoOpt));
        disk.AlignmentOffset = 3584;
        Assert.Equal((false, 3584), (LimitsOf(disk).Misaligned, LimitsOf(disk).AlignmentOffset));
    }

    [Fact]
    public void An_older_kernel_that_says_little_gets_limits_that_hold()
    {
        FakeDevice disk = _devices.Add("sda");
        foreach (string attribute in (string[])["max_sectors_kb", "max_segments", "dma_alignment", "write_cache", "fua", "discard_max_bytes", "write_zeroes_max_bytes"])
        {
            disk.Clear($"queue/{attribute}");
        }

        QueueLimits limits = LimitsOf(disk);
        Assert.Equal((8192, 64, 511, 0, 0), (limits.MaxSectors, limits.MaxSegments, limits.DmaAlignment, limits.MaxDiscardSectors, limits.MaxWriteZeroesSectors));
    }

    [Fact]
    public void Whatever_a_device_says_its_limits_are_valid()
    {
        FakeDevice disk = _devices.Add("sda");
        Gen<uint> any = Gen.OneOf(Gen.Choose(0, 10).Select(shift => 1u << (shift * 3)), Gen.Choose(0, int.MaxValue).Select(value => (uint)value), Gen.Constant(uint.MaxValue));
        Gen<uint[]> says = any.ArrayOf(10);
        Prop.ForAll(Gen.Elements(512, 4096, 65536).SelectMany(_ => says, (block, values) => (block, values)).ToArbitrary(), each =>
        {
            (int block, uint[] values) = each;
            disk.LogicalBlock = block;
            (disk.PhysicalBlock, disk.IoMin, disk.IoOpt, disk.AlignmentOffset) = (values[0], values[1], values[2], (int)values[3]);
            disk.Set("queue/max_sectors_kb", $"{values[4]}");
            disk.Set("queue/max_segments", $"{values[5]}");
            disk.Set("queue/chunk_sectors", $"{values[6]}");
            disk.Set("queue/discard_max_bytes", $"{values[7] * 512L}");
            disk.Set("queue/discard_granularity", $"{values[8]}");
            disk.Set("queue/write_zeroes_max_bytes", $"{values[9] * 512L}");
            QueueLimits limits = LimitsOf(disk);
            limits.Validate();
            Assert.Equal(block, limits.LogicalBlockSize);
        }).Check(Seeds.Config(output, times: 100));
    }

    private QueueLimits LimitsOf(FakeDevice disk)
    {
        using BdevPath path = _devices.Open(disk, options => options with { Engine = LoopEngine.Threads, Workers = 1 });
        return path.Limits;
    }
}
