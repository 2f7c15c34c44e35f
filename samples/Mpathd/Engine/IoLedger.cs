namespace Mpathd.Engine;

/// <summary>
/// The book of I/Os, kept outside of the library: each is entered when it is submitted and struck out when it ends. What
/// is still entered when there has been time enough is lost; what ends without being entered has ended twice.
/// </summary>
/// <remarks>
/// A submission has an entry, not a number, because an entry rests before it is used again: an end that comes twice
/// meets an entry that is struck out. Should it come so late that the entry is in use again, then the end of that
/// use is the one too many, so it is counted all the same.
/// </remarks>
internal sealed class IoLedger
{
    private const int Out = 0;
    private const int Entered = 1;

    private readonly int[] _entries;
    private long _duplicated;

    public IoLedger(int entries) => _entries = new int[entries];

    /// <summary>How many ended without being under way.</summary>
    public long Duplicated => Volatile.Read(ref _duplicated);

    /// <summary>Enters an I/O that is about to be submitted. Its thread owns the entry.</summary>
    public void Submitted(int entry)
    {
        if (Interlocked.Exchange(ref _entries[entry], Entered) != Out)
        {
            throw new InvalidOperationException($"Entry {entry} of the ledger is submitted twice.");
        }
    }

    /// <summary>Strikes an I/O out. On any thread.</summary>
    /// <returns>False if it was not under way: it has ended before.</returns>
    public bool Ended(int entry)
    {
        if (Interlocked.Exchange(ref _entries[entry], Out) == Entered)
        {
            return true;
        }

        Interlocked.Increment(ref _duplicated);
        return false;
    }

    /// <summary>How many are entered now.</summary>
    public int CountUnderWay()
    {
        int count = 0;
        foreach (ref int entry in _entries.AsSpan())
        {
            count += Volatile.Read(ref entry) == Entered ? 1 : 0;
        }

        return count;
    }
}
