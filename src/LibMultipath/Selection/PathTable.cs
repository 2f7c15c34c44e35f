namespace LibMultipath.Selection;

/// <summary>Something that a selector keeps of each path, by <see cref="PathView.Slot"/>. It grows as paths come.</summary>
/// <remarks>
/// All members may be used on any thread; what happens to the value of a place is the selector's to protect. A place is not
/// cleared when its path goes.
/// </remarks>
/// <typeparam name="T">What is kept.</typeparam>
public sealed class PathTable<T>
    where T : struct
{
    private const int PerChunk = 32;

    // A chunk stays where it is, so that a reference to a place stays good.
    private readonly Lock _lock = new();
    private T[][] _chunks = [new T[PerChunk]];

    /// <summary>The place of a path.</summary>
    /// <param name="path">A path, not none.</param>
    /// <exception cref="ArgumentException">It is none.</exception>
    public ref T this[PathView path]
    {
        get
        {
            int slot = path.Slot;
            T[][] chunks = Volatile.Read(ref _chunks);
            int chunk = slot / PerChunk;
            if ((uint)slot >= (uint)(chunks.Length * PerChunk))
            {
                chunks = Grow(slot);
            }

            return ref chunks[chunk][slot % PerChunk];
        }
    }

    private T[][] Grow(int slot)
    {
        if (slot < 0)
        {
            throw new ArgumentException("There is no place for no path.", nameof(slot));
        }

        lock (_lock)
        {
            while (_chunks.Length * PerChunk <= slot)
            {
                Volatile.Write(ref _chunks, [.. _chunks, new T[PerChunk]]);
            }

            return _chunks;
        }
    }
}
