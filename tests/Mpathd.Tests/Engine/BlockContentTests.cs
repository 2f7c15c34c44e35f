using Mpathd.Engine;

namespace Mpathd.Tests.Engine;

public sealed class BlockContentTests
{
    private const ulong Run = 0x1234;

    [Theory]
    [InlineData(512)]
    [InlineData(4096)]
    [InlineData(131072)]
    public void What_was_written_is_good(int size)
    {
        byte[] block = Written(size);
        Assert.Equal(BlockVerdict.Good, BlockContent.Check(block, Run, 7, 3));
    }

    [Fact]
    public void Every_single_bit_counts()
    {
        byte[] block = Written(512);
        for (int bit = 0; bit < block.Length * 8; bit++)
        {
            block[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Equal(BlockVerdict.Checksum, BlockContent.Check(block, Run, 7, 3));
            block[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.Equal(BlockVerdict.Good, BlockContent.Check(block, Run, 7, 3));
    }

    [Fact]
    public void Another_version_is_not_good() =>
        Assert.Equal(BlockVerdict.OtherVersion, BlockContent.Check(Written(512), Run, 7, 4));

    [Fact]
    public void Another_blocks_contents_are_not_good() =>
        Assert.Equal(BlockVerdict.OtherAddress, BlockContent.Check(Written(512), Run, 8, 3));

    [Fact]
    public void Another_runs_contents_are_not_good() =>
        Assert.Equal(BlockVerdict.OtherRun, BlockContent.Check(Written(512), Run + 1, 7, 3));

    [Fact]
    public void Half_of_one_version_and_half_of_another_is_not_good()
    {
        byte[] block = Written(4096);
        byte[] next = new byte[4096];
        BlockContent.Write(next, Run, 7, 4);
        next.AsSpan(0, 2048).CopyTo(block);
        Assert.Equal(BlockVerdict.Checksum, BlockContent.Check(block, Run, 7, 3));
        Assert.Equal(BlockVerdict.Checksum, BlockContent.Check(block, Run, 7, 4));
    }

    [Fact]
    public void A_block_that_was_never_written_is_zero()
    {
        byte[] block = new byte[512];
        Assert.Equal(BlockVerdict.Good, BlockContent.Check(block, Run, 7, 0));
        block[511] = 1;
        Assert.Equal(BlockVerdict.NotZero, BlockContent.Check(block, Run, 7, 0));
    }

    [Fact]
    public void Zeroes_do_not_pass_for_something_written() =>
        Assert.NotEqual(BlockVerdict.Good, BlockContent.Check(new byte[512], Run, 7, 1));

    private static byte[] Written(int size)
    {
        byte[] block = new byte[size];
        BlockContent.Write(block, Run, 7, 3);
        return block;
    }
}
