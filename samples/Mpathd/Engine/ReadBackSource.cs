using LibMultipath.Block;

namespace Mpathd.Engine;

/// <summary>Reads every block of a region of which it is known what it must hold, once.</summary>
internal sealed class ReadBackSource : IIoSource
{
    private readonly BlockModel _model;
    private readonly int _most;
    private readonly long _end;
    private long _next;

    public ReadBackSource(BlockModel model, int mostBlocks)
    {
        _model = model;
        _most = mostBlocks;
        _next = model.First;
        _end = model.First + model.Count;
    }

    public bool TryNext(IoSlot slot)
    {
        while (_next < _end && !_model.IsKnown(_next))
        {
            _next++;
        }

        int count = 0;
        while (count < _most && _next + count < _end && _model.IsKnown(_next + count))
        {
            count++;
        }

        if (count == 0 || !_model.TryBeginRead(_next, count))
        {
            return false;
        }

        slot.Op = BioOp.Read;
        slot.Flags = BioFlags.None;
        slot.Block = _next;
        slot.Count = count;
        _next += count;
        return true;
    }
}
