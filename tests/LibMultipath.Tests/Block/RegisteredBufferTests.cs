using LibMultipath.Block;

namespace LibMultipath.Tests.Block;

public sealed class RegisteredBufferTests
{
    private static readonly QueueLimits s_limits = new() { Features = QueueFeatures.RegisteredBuffers };

    [Fact]
    public void A_segment_of_a_registered_buffer_says_where_it_lies()
    {
        var buffer = new TestBuffer(8192);
        BioSegment segment = new BioSegment(buffer.Memory).Slice(512, 1024).Slice(512, 512);

        Assert.True(segment.TryGetRegistered(out RegisteredBuffer? found, out int offset));
        Assert.Same(buffer, found);
        Assert.Equal(1024, offset);
        Assert.Equal(512, segment.Length);
        Assert.False(new BioSegment(new byte[512]).TryGetRegistered(out _, out _));
    }

    [Fact]
    public void Looking_into_a_registered_buffer_throws()
    {
        var segment = new BioSegment(new TestBuffer(512).Memory);

        Assert.Throws<NotSupportedException>(() => segment.Span.Length);
        Assert.Throws<NotSupportedException>(() => segment.Memory.Pin());
    }

    [Fact]
    public async Task A_disk_that_can_gets_the_bio_with_its_buffer()
    {
        var disk = new TestDisk(limits: s_limits);
        using Bio bio = Bio.Rent(BioOp.Write, 8, new TestBuffer(4096).Memory);
        ValueTask<BlockStatus> ended = disk.SubmitAsync(bio);
        BioAttempt attempt = disk.TakeHeld();
        Assert.True(attempt.Bio.Segments[0].TryGetRegistered(out _, out _));
        attempt.Complete(BlockStatus.Ok);
        Assert.Equal(BlockStatus.Ok, await ended);
    }

    [Fact]
    public async Task A_disk_that_cannot_refuses_it()
    {
        var disk = new TestDisk();
        using Bio bio = Bio.Rent(BioOp.Write, 8, new TestBuffer(4096).Memory);
        Assert.Equal(BlockStatus.NotSupported, await disk.SubmitAsync(bio));
        Assert.Empty(disk.Held);
    }

    [Fact]
    public async Task The_same_bio_with_memory_is_taken_afterwards()
    {
        var disk = new TestDisk();
        using Bio bio = Bio.Rent(BioOp.Read, 8, new TestBuffer(4096).Memory);
        Assert.Equal(BlockStatus.NotSupported, await disk.SubmitAsync(bio));
        bio.Reset(BioOp.Read, 8);
        bio.AddSegment(new byte[4096]);
        ValueTask<BlockStatus> ended = disk.SubmitAsync(bio);
        disk.TakeHeld().Complete(BlockStatus.Ok);
        Assert.Equal(BlockStatus.Ok, await ended);
    }

    [Fact]
    public void A_head_promises_it_only_when_every_path_can()
    {
        Assert.Equal(QueueFeatures.RegisteredBuffers, QueueLimits.Stack(s_limits, s_limits).Features);
        Assert.Equal(QueueFeatures.None, QueueLimits.Stack(s_limits, new QueueLimits()).Features);
    }

    [Fact]
    public async Task A_bio_that_is_split_has_parts_of_the_buffer()
    {
        var disk = new TestDisk(limits: s_limits with { MaxSectors = 8 });
        using Bio bio = Bio.Rent(BioOp.Read, 0, new TestBuffer(8192).Memory);
        ValueTask<BlockStatus> ended = disk.SubmitAsync(bio);
        var offsets = new List<int>();
        foreach (BioAttempt attempt in disk.Held.ToArray())
        {
            Assert.True(attempt.Bio.Segments[0].TryGetRegistered(out _, out int offset));
            offsets.Add(offset);
            attempt.Complete(BlockStatus.Ok);
        }

        Assert.Equal([0, 4096], offsets);
        Assert.Equal(BlockStatus.Ok, await ended);
    }

    private sealed class TestBuffer(int length) : RegisteredBuffer(length);
}
