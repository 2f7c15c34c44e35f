namespace LibMultipath.Block;

/// <summary>A place in the segments of a bio that is being split.</summary>
internal struct SegmentCursor
{
    private readonly Bio _whole;
    private int _index;
    private int _offset;

    /// <summary>The place after so many bytes; of a bio without segments there is none.</summary>
    public SegmentCursor(Bio whole, long bytes)
    {
        _whole = whole;
        while (_index < whole.SegmentCount && bytes >= whole.SegmentAt(_index).Length)
        {
            bytes -= whole.SegmentAt(_index++).Length;
        }

        _offset = _index < whole.SegmentCount ? (int)bytes : 0;
    }

    /// <summary>How many of the next bytes fit so many segments of such a size.</summary>
    public readonly long Fit(long bytes, int maxSegments, int maxSegmentSize)
    {
        long fit = 0;
        int index = _index;
        int offset = _offset;
        for (int segments = 0; segments < maxSegments && fit < bytes;)
        {
            int left = _whole.SegmentAt(index).Length - offset;
            if (left == 0)
            {
                index++;
                offset = 0;
                continue;
            }

            int take = (int)Math.Min(Math.Min(left, maxSegmentSize), bytes - fit);
            fit += take;
            offset += take;
            segments++;
        }

        return fit;
    }

    /// <summary>Gives the next bytes to a part.</summary>
    public void MoveTo(Bio part, long bytes, int maxSegmentSize)
    {
        while (bytes > 0)
        {
            ref readonly BioSegment segment = ref _whole.SegmentAt(_index);
            int left = segment.Length - _offset;
            if (left == 0)
            {
                _index++;
                _offset = 0;
                continue;
            }

            int take = (int)Math.Min(Math.Min(left, maxSegmentSize), bytes);
            part.AddSegment(segment.Slice(_offset, take));
            _offset += take;
            bytes -= take;
        }
    }
}
