using LibMultipath.Block;

namespace LibMultipath.RingBuffer;

/// <summary>
/// Goes through what was produced and not consumed. For whoever has the producer's lock: nobody else writes there then, so
/// what is busy stays busy, and a consumer that goes on meanwhile only leaves records behind.
/// </summary>
internal static unsafe class RingWalk
{
    /// <summary>Whether something is reserved.</summary>
    /// <param name="memory">The ring.</param>
    /// <param name="isBusy">The answer, as far as the walk came.</param>
    /// <returns>As of <see cref="DiscardBusy"/>.</returns>
    public static UserRingFault? FindBusy(RingMemory memory, out bool isBusy)
    {
        bool any = false;
        UserRingFault? fault = Visit(memory, header => any |= IsBusy(*header));
        isBusy = any;
        return fault;
    }

    /// <summary>Discards what is reserved: its owner is dead.</summary>
    /// <param name="memory">The ring.</param>
    /// <param name="count">How many.</param>
    /// <returns>What is wrong with a position or a record, at which it ended; null if nothing is.</returns>
    public static UserRingFault? DiscardBusy(RingMemory memory, out int count)
    {
        int discarded = 0;
        UserRingFault? fault = Visit(memory, header =>
        {
            if (IsBusy(*header))
            {
                Volatile.Write(ref *header, RecordHeader.LengthOf(*header) | RecordHeader.Discard);
                discarded++;
            }
        });
        count = discarded;
        return fault;
    }

    private delegate void Visitor(uint* header);

    private static UserRingFault? Visit(RingMemory memory, Visitor visitor)
    {
        ulong position = Volatile.Read(ref memory.Consumer->Position);
        ulong produced = Volatile.Read(ref memory.Producer->Position);
        if (produced % RecordHeader.Size != 0 || produced - position > memory.Size)
        {
            return new UserRingFault(position, produced, 0, Errno.EINVAL);
        }

        while (position != produced)
        {
            uint* header = memory.HeaderAt(position);
            uint value = Volatile.Read(ref *header);
            ulong total = RecordHeader.Total(RecordHeader.LengthOf(value));
            Errno error = RecordHeader.Check(total, produced - position, memory.Size);
            if (error != Errno.None)
            {
                return new UserRingFault(position, produced, value, error);
            }

            visitor(header);
            position += total;
        }

        return null;
    }

    private static bool IsBusy(uint header) => (header & (RecordHeader.Busy | RecordHeader.Discard)) == RecordHeader.Busy;
}
