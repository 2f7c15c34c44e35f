namespace LibMultipath.Tests.Torture;

/// <summary>
/// What a submitter knows of its blocks. A write that ended well is the only version there can be; one that was
/// cancelled or failed may have happened or not, until a read shows it or a later write is acknowledged. One thread's.
/// </summary>
internal sealed class TortureLedger(int blocks)
{
    private readonly int[] _oldest = new int[blocks];
    private readonly int[] _newest = new int[blocks];
    private readonly int[] _next = new int[blocks];
    private readonly bool[] _taken = new bool[blocks];

    /// <summary>Takes blocks for one I/O, so that no two are under way at one block; false if one of them is taken.</summary>
    public bool TryTake(int first, int count)
    {
        Span<bool> taken = _taken.AsSpan(first, count);
        if (taken.Contains(true))
        {
            return false;
        }

        taken.Fill(true);
        return true;
    }

    public void Give(int first, int count) => _taken.AsSpan(first, count).Clear();

    public int NextVersion(int block) => ++_next[block];

    public void Written(int block, int version) => _oldest[block] = _newest[block] = version;

    public void MaybeWritten(int block, int version) => _newest[block] = version;

    /// <summary>Notes the version that was read; false if it cannot be.</summary>
    public bool TryNoteRead(int block, int version)
    {
        if (version < _oldest[block] || version > _newest[block])
        {
            return false;
        }

        _oldest[block] = _newest[block] = version;
        return true;
    }

    public string Expected(int block) => _oldest[block] == _newest[block]
        ? $"version {_oldest[block]}"
        : $"one of the versions {_oldest[block]} to {_newest[block]}";
}
