using LibMultipath.Block;

namespace Mpathd.Engine;

/// <summary>
/// One I/O of a lane, used again and again: its bio, its place in the ledger, what it is about, and how it ended. The
/// lane's, but between its submission and its end, when it is the disk's.
/// </summary>
internal sealed class IoSlot
{
    /// <summary>Makes a slot.</summary>
    /// <param name="entry">The entry in the ledger.</param>
    /// <param name="ended">Called with the bio, whose state is the slot, when it has ended.</param>
    public IoSlot(int entry, Action<Bio> ended)
    {
        Entry = entry;
        Bio.State = this;
        Bio.EndIo = ended;
    }

    /// <summary>The entry in the ledger.</summary>
    public int Entry { get; }

    /// <summary>The bio, made once.</summary>
    public Bio Bio { get; } = new();

    public BioOp Op { get; set; }

    public BioFlags Flags { get; set; }

    /// <summary>The first block; 0 for a flush.</summary>
    public long Block { get; set; }

    /// <summary>How many blocks; 0 for a flush.</summary>
    public int Count { get; set; }

    /// <summary>Which of the lane's buffers it has; -1 for none.</summary>
    public int Buffer { get; set; } = -1;

    public long SubmitTimestamp { get; set; }

    /// <summary>Taken on the thread that ended it.</summary>
    public long EndTimestamp { get; set; }

    /// <summary>The next of a chain of ended ones.</summary>
    public IoSlot? Next { get; set; }
}
