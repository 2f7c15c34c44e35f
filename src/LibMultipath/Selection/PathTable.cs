namespace LibMultipath.Selection;

/// <summary>Something that a selector keeps of each path, by <see cref="PathView.Slot"/>. It grows as paths come, of whichever heads.</summary>
/// <remarks>
/// All members may be used on any thread; what happens to the value of a place is the selector's to protect. A path that
/// gets the place of one that is gone finds the default there.
/// </remarks>
/// <typeparam name="T">What is kept.</typeparam>
public sealed class PathTable<T>
    where T : struct
{
    private const int PerChunk = 32;

    // A chunk stays where it is, so that a reference to a place stays good. It is there when a path of it was asked for.
    private readonly Lock _lock = new();
    private Place[]?[] _chunks = [];

    /// <summary>The place of a path.</summary>
    /// <param name="path">A path, not none.</param>
    /// <exception cref="ArgumentException">It is none, or was removed and another one has its place.</exception>
    public ref T this[PathView path]
    {
        get
        {
            int slot = path.Slot;
            Place[]?[] chunks = Volatile.Read(ref _chunks);
            int number = slot / PerChunk;
            Place[] chunk = slot >= 0 && number < chunks.Length && Volatile.Read(ref chunks[number]) is { } there ? there : Grow(slot);
            ref Place place = ref chunk[slot % PerChunk];
            if (Volatile.Read(ref place.Owner) != path.Serial)
            {
                Clear(ref place, path.Serial);
            }

            return ref place.Value;
        }
    }

    // A slot is given again when nothing of its last path is under way, so nobody uses the value meanwhile.
    private void Clear(ref Place place, long owner)
    {
        lock (_lock)
        {
            // Not for one that was kept beyond its removal: it would take the place from its successor.
            if (place.Owner > owner)
            {
                throw new ArgumentException("The path was removed.", nameof(owner));
            }

            if (place.Owner != owner)
            {
                place.Value = default;
                Volatile.Write(ref place.Owner, owner);
            }
        }
    }

    private Place[] Grow(int slot)
    {
        if (slot < 0)
        {
            throw new ArgumentException("There is no place for no path.", nameof(slot));
        }

        lock (_lock)
        {
            int number = slot / PerChunk;
            Place[]?[] chunks = _chunks;
            if (number >= chunks.Length)
            {
                Array.Resize(ref chunks, number + 1);
                Volatile.Write(ref _chunks, chunks);
            }

            Place[] chunk = chunks[number] ?? new Place[PerChunk];
            Volatile.Write(ref chunks[number], chunk);
            return chunk;
        }
    }

    private struct Place
    {
        public long Owner;
        public T Value;
    }
}
