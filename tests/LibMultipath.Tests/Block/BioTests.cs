using LibMultipath.Block;

namespace LibMultipath.Tests.Block;

public sealed class BioTests
{
    [Fact]
    public void A_bio_is_as_large_as_its_segments()
    {
        using Bio bio = Bio.Rent(BioOp.Write, 8, new byte[512], BioFlags.Sync);
        bio.AddSegment(new byte[1024]);
        bio.AddSegment(new BioSegment(4096, 512));

        Assert.Equal((BioOp.Write, 8L, BioFlags.Sync), (bio.Op, bio.Sector, bio.Flags));
        Assert.Equal(2048, bio.Size);
        Assert.Equal(3, bio.SegmentCount);
        Assert.Equal([512, 1024, 512], bio.Segments.ToArray().Select(segment => segment.Length));
    }

    [Fact]
    public void A_bio_of_more_than_two_gigabytes_knows_its_size()
    {
        using Bio bio = Bio.Rent(BioOp.Read);
        for (int i = 0; i < 3; i++)
        {
            bio.AddSegment(new BioSegment(4096, int.MaxValue));
        }

        Assert.Equal(3L * int.MaxValue, bio.Size);
    }

    [Fact]
    public void Memory_takes_the_place_of_a_size_that_was_set()
    {
        using Bio bio = Bio.Rent(BioOp.Discard, 0, 1 << 20);

        bio.AddSegment(new byte[512]);

        Assert.Equal(512, bio.Size);
    }

    [Fact]
    public void The_size_of_a_bio_with_memory_cannot_be_set_nor_a_negative_one()
    {
        using Bio bio = Bio.Rent(BioOp.Read, 0, new byte[512]);
        using Bio empty = Bio.Rent(BioOp.Discard);

        Assert.Throws<InvalidOperationException>(() => bio.Size = 1024);
        Assert.Throws<ArgumentOutOfRangeException>(() => empty.Size = -1);
        Assert.Throws<ArgumentOutOfRangeException>(() => Bio.Rent(BioOp.Discard, 0, -512));
        empty.Size = long.MaxValue;
        Assert.Equal(long.MaxValue, empty.Size);
    }

    [Fact]
    public void A_reset_bio_is_another_io()
    {
        var bio = new Bio { Tag = 7, State = "mine" };
        bio.AddSegment(new byte[512]);

        bio.Reset(BioOp.Flush, 3, BioFlags.Meta);

        Assert.Equal((BioOp.Flush, 3L, BioFlags.Meta), (bio.Op, bio.Sector, bio.Flags));
        Assert.Equal(0, bio.Size);
        Assert.Equal(0, bio.SegmentCount);
        Assert.True(bio.Segments.IsEmpty);
    }

    [Fact]
    public void A_bio_of_ones_own_is_not_the_pools()
    {
        var bio = new Bio { Op = BioOp.Read };
        bio.AddSegment(new byte[512]);
        bio.Dispose();

        Assert.Equal(512, bio.Size);
    }

    [Fact]
    public void A_managed_segment_is_sliced_in_place()
    {
        byte[] bytes = [0, 1, 2, 3, 4, 5, 6, 7];
        var segment = new BioSegment(bytes.AsMemory(2, 5));

        BioSegment slice = segment.Slice(1, 3);

        Assert.Equal([3, 4, 5], slice.Span.ToArray());
        Assert.Equal(3, slice.Length);
        Assert.False(slice.IsNative);
        Assert.Equal(0, slice.Address);
        slice.Span[0] = 99;
        Assert.Equal(99, bytes[3]);
    }

    [Fact]
    public unsafe void A_native_segment_is_sliced_in_place()
    {
        byte* bytes = stackalloc byte[8];
        bytes[4] = 42;
        var segment = new BioSegment((nint)bytes, 8);

        BioSegment slice = segment.Slice(4, 2);

        Assert.True(slice.IsNative);
        Assert.Equal((nint)bytes + 4, slice.Address);
        Assert.Equal(42, slice.Span[0]);
        Assert.Equal(2, slice.Span.Length);
        Assert.True(slice.Memory.IsEmpty);
        Assert.Equal((nint)bytes + 4, slice.AddressNow);
    }

    [Theory]
    [InlineData(0, 9)]
    [InlineData(9, 0)]
    [InlineData(-1, 1)]
    [InlineData(1, -1)]
    [InlineData(4, 5)]
    [InlineData(int.MaxValue, int.MaxValue)]
    [InlineData(int.MinValue, int.MinValue)]
    public void A_slice_must_be_within_the_segment(int offset, int length)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new BioSegment(new byte[8]).Slice(offset, length));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BioSegment(4096, 8).Slice(offset, length));
    }

    [Fact]
    public void The_ends_of_a_segment_are_empty_slices()
    {
        Assert.Equal(0, new BioSegment(new byte[8]).Slice(8, 0).Length);
        Assert.Equal(0, new BioSegment(4096, 8).Slice(8, 0).Length);
        Assert.Equal(0, default(BioSegment).Slice(0, 0).Length);
        Assert.True(default(BioSegment).Span.IsEmpty);
    }

    [Fact]
    public void A_native_segment_has_an_address_and_a_length()
    {
        Assert.Throws<ArgumentException>(() => new BioSegment(0, 512));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BioSegment(4096, -1));
    }
}
