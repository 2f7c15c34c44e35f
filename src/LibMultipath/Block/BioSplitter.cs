namespace LibMultipath.Block;

/// <summary>
/// Cuts a bio into parts that keep to the limits of a disk (<c>bio_split_to_limits</c>): from the front, each as
/// large as it may be.
/// </summary>
internal struct BioSplitter(Bio whole, long done)
{
    /// <summary>
    /// How many parts are on their way at a time: enough to keep a device busy, and few enough that the discard of a
    /// whole disk does not fill the memory with bios.
    /// </summary>
    public const int Batch = 256;

    private SegmentCursor _cursor = new(whole, done);
    private long _done = done;

    /// <summary>Whether nothing is left to cut.</summary>
    public readonly bool IsDone => _done == whole.Size;

    /// <summary>Cuts the next parts off and issues them, in order.</summary>
    /// <returns>Ok; Invalid if not even one block fits the limit on segments, and then the rest cannot be issued.</returns>
    public BlockStatus IssueBatch(DiskShape shape, BioCompound compound, int batch)
    {
        bool movesData = whole.SegmentCount != 0;
        for (int parts = 0; parts < batch && !IsDone; parts++)
        {
            long sector = whole.Sector + (_done >> 9);
            long left = whole.Size - _done;
            long bytes = shape.MaxBytesAt(whole.Op, sector, left);
            if (movesData)
            {
                bytes = _cursor.Fit(bytes, shape.Limits.MaxSegments, shape.MaxSegmentSize);
            }

            if (bytes < left)
            {
                bytes -= bytes % shape.SplitUnit(movesData);
            }

            if (bytes == 0)
            {
                return BlockStatus.Invalid;
            }

            Bio part = Bio.Rent(whole.Op, sector, movesData ? 0 : bytes, compound.PartFlags);
            if (movesData)
            {
                _cursor.MoveTo(part, bytes, shape.MaxSegmentSize);
            }

            _done += bytes;
            if (!compound.Issue(part))
            {
                break;
            }
        }

        return BlockStatus.Ok;
    }
}
