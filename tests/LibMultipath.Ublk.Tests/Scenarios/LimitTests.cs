using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Parameters;
using LibMultipath.Ublk.Tests.Scenarios.Kit;

namespace LibMultipath.Ublk.Tests.Scenarios;

/// <summary>What the parameters say is what users of the disk see.</summary>
public sealed class LimitTests
{
    [UblkFact]
    public void U11_The_limits_of_memory_and_segments_are_the_disks()
    {
        var segment = new UblkSegment { BoundaryMask = 0xffff, MaxSize = 32768, MaxSegments = 37 };
        using UblkRig rig = UblkRig.Start(
            parameters: asked => asked with
            {
                LogicalBlockSize = 4096,
                PhysicalBlockSize = 16384,
                IoMin = 32768,
                IoOpt = 65536,
                MaxSectors = 512,
                ChunkSectors = 2048,
                Attributes = UblkAttributes.VolatileCache | UblkAttributes.Fua | UblkAttributes.Rotational,
                DmaAlignment = 1023,
                Segment = segment,
                Discard = new UblkDiscard { Granularity = 65536, Alignment = 16384, MaxSectors = 4096, MaxWriteZeroesSectors = 1024 },
            },
            megabytes: 8);

        Assert.Equal(1023, Queue(rig, "dma_alignment"));
        Assert.Equal(37, Queue(rig, "max_segments"));
        Assert.Equal(32768, Queue(rig, "max_segment_size"));
        Assert.Equal(segment, rig.Control.GetParameters(rig.Device.Id).Segment);
        Assert.Equal(4096, Queue(rig, "logical_block_size"));
        Assert.Equal(16384, Queue(rig, "physical_block_size"));
        Assert.Equal(32768, Queue(rig, "minimum_io_size"));
        Assert.Equal(65536, Queue(rig, "optimal_io_size"));
        Assert.Equal(256, Queue(rig, "max_hw_sectors_kb"));
        Assert.Equal(2048, Queue(rig, "chunk_sectors"));
        Assert.Equal(65536, Queue(rig, "discard_granularity"));
        Assert.Equal(4096 * 512, Queue(rig, "discard_max_hw_bytes"));
        Assert.Equal(1024 * 512, Queue(rig, "write_zeroes_max_bytes"));
        Assert.Equal(1, Queue(rig, "rotational"));
        Assert.Equal(1, Queue(rig, "fua"));
        Assert.Equal("write back", rig.Sysfs("queue/write_cache"));
        Shell.Verify(rig.Disk, "4");
    }

    [UblkFact]
    public unsafe void U11_Memory_that_is_not_aligned_as_asked_is_refused()
    {
        using UblkRig rig = UblkRig.Start(parameters: asked => asked with { DmaAlignment = 1023 }, megabytes: 8);
        using var disk = new DirectFile(rig.Disk);

        Assert.Equal(Block.Errno.None, disk.Write(disk.Memory + 1024, 4096, 0));
        Assert.Equal(Block.Errno.EINVAL, disk.Write(disk.Memory + 512, 4096, 0));
    }

    private static long Queue(UblkRig rig, string limit) => long.Parse(rig.Sysfs($"queue/{limit}"), System.Globalization.CultureInfo.InvariantCulture);
}
