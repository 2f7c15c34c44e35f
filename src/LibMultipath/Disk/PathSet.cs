using LibMultipath.Paths;

namespace LibMultipath.Disk;

/// <summary>Some paths of a head, as they were at one generation of it: when any has changed, none is in the set.</summary>
internal struct PathSet
{
    private const int Bits = 64;

    private ulong _slots;
    private HashSet<int>? _beyond;
    private long _generation;

    /// <summary>Puts a path in; those of another generation go.</summary>
    public void Add(MpathDevice path, long generation)
    {
        if (_generation != generation)
        {
            Clear();
            _generation = generation;
        }

        // A slot stands for one path as long as no path comes, and that changes the generation.
        if (path.Slot < Bits)
        {
            _slots |= 1UL << path.Slot;
        }
        else
        {
            (_beyond ??= []).Add(path.Slot);
        }
    }

    /// <summary>Takes a path out.</summary>
    public void Remove(MpathDevice path)
    {
        if (path.Slot < Bits)
        {
            _slots &= ~(1UL << path.Slot);
        }
        else
        {
            _beyond?.Remove(path.Slot);
        }
    }

    /// <summary>Whether a path is in it.</summary>
    /// <param name="path">The path.</param>
    /// <param name="generation">The head's, read after the list that the path was found in.</param>
    public readonly bool Has(MpathDevice path, long generation) =>
        _generation == generation
        && (path.Slot < Bits ? (_slots & (1UL << path.Slot)) != 0 : _beyond?.Contains(path.Slot) == true);

    /// <summary>Takes all paths out. What it has allocated stays.</summary>
    public void Clear()
    {
        _slots = 0;
        _beyond?.Clear();
    }
}
