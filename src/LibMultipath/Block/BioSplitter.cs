namespace LibMultipath.Block;

/// <summary>
/// Cuts a bio into parts that keep to the limits of a disk (<c>bio_split_to_limits</c>): from the front, each as
/// large as it may be, at multiples of the logical block.
/// </summary>
internal static class BioSplitter
{
    /// <summary>Cuts the bio and issues the parts, in order.</summary>
    /// <returns>Ok; Invalid if not even one block fits the limit on segments, and then the rest is not issued.</returns>
    public static BlockStatus Split(Bio whole, DiskShape shape, BioCompound compound)
    {
        long done = 0;
        var cursor = new SegmentCursor(whole);
        while (done < whole.Size)
        {
            long sector = whole.Sector + (done >> 9);
            long bytes = Math.Min(whole.Size - done, shape.MaxBytesAt(whole.Op, sector));
            bool movesData = whole.SegmentCount != 0;
            if (movesData)
            {
                bytes = cursor.Fit(bytes, shape.Limits.MaxSegments, shape.Limits.MaxSegmentSize);
            }

            bytes -= bytes % shape.BlockSize;
            if (bytes == 0)
            {
                return BlockStatus.Invalid;
            }

            Bio part = Bio.Rent(whole.Op, sector, movesData ? 0 : bytes, whole.Flags);
            if (movesData)
            {
                cursor.MoveTo(part, bytes, shape.Limits.MaxSegmentSize);
            }

            if (!compound.Issue(part))
            {
                break;
            }

            done += bytes;
        }

        return BlockStatus.Ok;
    }

    /// <summary>A place in the segments of the whole.</summary>
    private struct SegmentCursor(Bio whole)
    {
        private int _index;
        private int _offset;

        /// <summary>How many of the next bytes fit so many segments of such a size.</summary>
        public readonly long Fit(long bytes, int maxSegments, int maxSegmentSize)
        {
            long fit = 0;
            int index = _index;
            int offset = _offset;
            for (int segments = 0; segments < maxSegments && fit < bytes;)
            {
                int left = whole.SegmentAt(index).Length - offset;
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
                ref readonly BioSegment segment = ref whole.SegmentAt(_index);
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
}
