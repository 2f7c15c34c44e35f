using LibMultipath.Block;

namespace Mpathd.Engine;

/// <summary>Reads, writes and flushes anywhere in a region.</summary>
internal sealed class RandomSource : IIoSource
{
    // With a region much larger than the depth, the first place is as good as always free.
    private const int Tries = 8;

    private readonly WorkloadOptions _options;
    private readonly SeededRandom _random;
    private readonly BlockModel? _model;
    private readonly long _first;
    private readonly long _count;

    public RandomSource(WorkloadOptions options, SeededRandom random, BlockModel? model, long first, long count)
    {
        _options = options;
        _random = random;
        _model = model;
        _first = first;
        _count = count;
    }

    public bool TryNext(IoSlot slot)
    {
        slot.Flags = BioFlags.None;
        if (_options.FlushOnceIn != 0 && _random.OnceIn(_options.FlushOnceIn))
        {
            slot.Op = BioOp.Flush;
            slot.Block = 0;
            slot.Count = 0;
            return true;
        }

        bool read = _options.Pattern switch
        {
            AccessPattern.RandRead => true,
            AccessPattern.RandWrite => false,
            _ => (_random.NextUInt64() & 1) == 0,
        };
        for (int i = 0; i < Tries; i++)
        {
            // Half of the I/Os are of one block, a quarter of two, and so on.
            int most = (int)Math.Min(_options.MaxBlocksPerIo, _count);
            int count = most == 1 ? 1 : Math.Min(most, 1 + System.Numerics.BitOperations.TrailingZeroCount(_random.NextUInt64()));
            long block = _first + _random.NextBelow(_count - count + 1);
            if (_model is null || (read ? _model.TryBeginRead(block, count) : _model.TryBeginWrite(block, count)))
            {
                slot.Op = read ? BioOp.Read : BioOp.Write;
                slot.Block = block;
                slot.Count = count;
                if (!read && _options.FuaOnceIn != 0 && _random.OnceIn(_options.FuaOnceIn))
                {
                    slot.Flags = BioFlags.Fua;
                }

                return true;
            }
        }

        return false;
    }
}
