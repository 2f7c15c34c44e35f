using LibMultipath.Block;

namespace Mpathd.Engine;

/// <summary>Reads or writes one block after the other, round and round.</summary>
internal sealed class SequentialSource : IIoSource
{
    private readonly BioOp _op;
    private readonly BlockModel? _model;
    private readonly long _count;
    private long _next;

    public SequentialSource(BioOp op, BlockModel? model, long count)
    {
        _op = op;
        _model = model;
        _count = count;
    }

    public bool TryNext(IoSlot slot)
    {
        // The round before may still have an I/O there: order is kept by waiting for it.
        if (_model is not null && !(_op == BioOp.Read ? _model.TryBeginRead(_next, 1) : _model.TryBeginWrite(_next, 1)))
        {
            return false;
        }

        slot.Op = _op;
        slot.Flags = BioFlags.None;
        slot.Block = _next;
        slot.Count = 1;
        _next = _next + 1 == _count ? 0 : _next + 1;
        return true;
    }
}
