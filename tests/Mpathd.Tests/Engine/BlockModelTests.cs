using Mpathd.Engine;

namespace Mpathd.Tests.Engine;

public sealed class BlockModelTests
{
    private const int Size = 512;

    private readonly BlockModel _model = new(first: 100, count: 10, Size, run: 1, zeroed: true);

    [Fact]
    public void While_a_block_is_written_nothing_else_may_be_done_to_it()
    {
        Assert.True(_model.TryBeginWrite(102, 3));
        Assert.False(_model.TryBeginWrite(104, 2));
        Assert.False(_model.TryBeginRead(100, 3));
        Assert.True(_model.TryBeginRead(105, 5));
        _model.EndWrite(102, 3, acknowledged: true);
        Assert.True(_model.TryBeginRead(100, 5));
    }

    [Fact]
    public void While_a_block_is_read_it_may_be_read_but_not_written()
    {
        Assert.True(_model.TryBeginRead(100, 1));
        Assert.True(_model.TryBeginRead(100, 1));
        Assert.False(_model.TryBeginWrite(100, 1));
        _model.EndRead(100, 1);
        Assert.False(_model.TryBeginWrite(100, 1));
        _model.EndRead(100, 1);
        Assert.True(_model.TryBeginWrite(100, 1));
    }

    [Fact]
    public void There_is_a_limit_to_readers_and_none_is_mistaken_for_a_writer()
    {
        int readers = 0;
        while (readers < 1000 && _model.TryBeginRead(100, 1))
        {
            readers++;
        }

        Assert.Equal(254, readers);
        for (int i = 0; i < readers; i++)
        {
            _model.EndRead(100, 1);
        }

        Assert.True(_model.TryBeginWrite(100, 1));
    }

    [Fact]
    public void A_block_must_hold_what_was_acknowledged_last()
    {
        byte[] first = Write(acknowledged: true);
        Assert.Equal(BlockVerdict.Good, _model.Check(100, first));
        byte[] second = Write(acknowledged: true);
        Assert.Equal(BlockVerdict.OtherVersion, _model.Check(100, first));
        Assert.Equal(BlockVerdict.Good, _model.Check(100, second));
        Assert.Equal(2u, _model.AcknowledgedVersion(100));
    }

    [Fact]
    public void After_a_write_that_failed_nobody_knows_until_the_next()
    {
        byte[] first = Write(acknowledged: true);
        byte[] failed = Write(acknowledged: false);
        Assert.False(_model.IsKnown(100));
        Assert.Equal(BlockVerdict.Good, _model.Check(100, first));
        Assert.Equal(BlockVerdict.Good, _model.Check(100, failed));
        byte[] last = Write(acknowledged: true);
        Assert.True(_model.IsKnown(100));
        Assert.NotEqual(BlockVerdict.Good, _model.Check(100, failed));
        Assert.Equal(BlockVerdict.Good, _model.Check(100, last));
    }

    [Fact]
    public void Of_a_file_that_was_there_before_only_what_was_written_is_known()
    {
        var model = new BlockModel(0, 2, Size, run: 1, zeroed: false);
        Assert.False(model.IsKnown(0));
        Assert.True(model.TryBeginWrite(0, 1));
        model.EndWrite(0, 1, acknowledged: true);
        Assert.True(model.IsKnown(0));
        Assert.False(model.IsKnown(1));
    }

    private byte[] Write(bool acknowledged)
    {
        byte[] data = new byte[Size];
        Assert.True(_model.TryBeginWrite(100, 1));
        _model.Stamp(100, 1, data);
        _model.EndWrite(100, 1, acknowledged);
        return data;
    }
}
