namespace LibMultipath.Disk.Partitions;

/// <summary>
/// Master boot records (<c>msdos_partition</c>): four primary partitions, of which an extended one holds a chain of boot
/// records, each with a logical partition and a link to the next.
/// </summary>
internal sealed class MbrReader
{
    private const int FirstLogical = 5;

    // Records without a partition in a row, after which a chain is given up (the kernel's loopct).
    private const int MaxEmptyRecords = 100;

    private readonly BlockReader _disk;
    private readonly SortedList<int, PartitionEntry> _found = [];

    // A record that comes up again is a loop, or a second chain that has run into the first. Bounded by the numbers
    // that there are for logical partitions, and by the empty records between two of them.
    private readonly HashSet<long> _visited = [];
    private int _next = FirstLogical;

    private MbrReader(BlockReader disk)
    {
        _disk = disk;
    }

    public static async ValueTask<PartitionTable> ReadAsync(BlockReader disk, MbrSlots slots)
    {
        MbrReader reader = new(disk);
        for (int i = 0; i < MbrSlots.Count; i++)
        {
            MbrSlot slot = slots[i];
            long length = slot.Count;
            if (slot.IsExtended && slot.Count != 0)
            {
                length = Math.Min(slot.Count, disk.SectorsPerBlock == 1 ? 2 : 1);
                await reader.WalkAsync(slot).ConfigureAwait(false);
            }

            reader.Add(i + 1, slot, slot.Start, length);
        }

        return new PartitionTable(PartitionTableKind.Mbr, [.. reader._found.Values]);
    }

    // Links count from the start of the extended partition, logical partitions from their own record.
    private async ValueTask WalkAsync(MbrSlot extended)
    {
        MbrSlot link = extended with { Start = 0 };
        int empty = 0;
        while (_next <= PartitionTable.MaxPartitions && empty++ < MaxEmptyRecords)
        {
            long record = (long)extended.Start + link.Start;
            if (!_visited.Add(record)
                || await _disk.ReadBlockAsync(record).ConfigureAwait(false) is not { } block
                || !MbrSlots.TryRead(block.Span, out MbrSlots slots))
            {
                return;
            }

            if (AddLogical(slots, record, link.Count, extended))
            {
                empty = 0;
            }

            if (FindLink(slots) is not { } next)
            {
                return;
            }

            link = next;
        }
    }

    private bool AddLogical(MbrSlots slots, long record, uint recordCount, MbrSlot extended)
    {
        int before = _next;
        for (int i = 0; i < MbrSlots.Count && _next <= PartitionTable.MaxPartitions; i++)
        {
            MbrSlot slot = slots[i];
            if (slot.Count == 0 || slot.IsExtended)
            {
                continue;
            }

            // The last two should be empty, and some programs left garbage there.
            long start = record + slot.Start;
            if (i >= 2 && ((long)slot.Start + slot.Count > recordCount
                || start + slot.Count > (long)extended.Start + extended.Count))
            {
                continue;
            }

            // One that is left out uses up its number all the same, or those behind it would change theirs.
            Add(_next++, slot, start, slot.Count);
        }

        return _next != before;
    }

    private static MbrSlot? FindLink(MbrSlots slots)
    {
        for (int i = 0; i < MbrSlots.Count; i++)
        {
            if (slots[i] is { IsExtended: true, Count: not 0 } link)
            {
                return link;
            }
        }

        return null;
    }

    private void Add(int number, MbrSlot slot, long start, long count)
    {
        if (_disk.Contains(start, count))
        {
            _found.Add(number, new PartitionEntry(number, start * _disk.SectorsPerBlock, count * _disk.SectorsPerBlock)
            {
                MbrType = slot.Type,
                IsBootable = slot.IsBootable,
                IsExtended = slot.IsExtended,
            });
        }
    }
}
