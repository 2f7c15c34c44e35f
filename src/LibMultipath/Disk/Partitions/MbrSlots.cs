namespace LibMultipath.Disk.Partitions;

/// <summary>The four entries of a boot record, master or extended.</summary>
internal sealed class MbrSlots
{
    public const int Count = 4;
    public const byte ProtectiveType = 0xEE;

    private const int Offset = 446;
    private const int SignatureOffset = 510;

    private readonly MbrSlot[] _slots = new MbrSlot[Count];

    private MbrSlots(ReadOnlySpan<byte> block)
    {
        for (int i = 0; i < Count; i++)
        {
            _slots[i] = MbrSlot.Read(block.Slice(Offset + (i * MbrSlot.Size), MbrSlot.Size));
        }
    }

    public MbrSlot this[int index] => _slots[index];

    /// <summary>Whether it announces a GPT in the block where one has to be (<c>pmbr_part_valid</c>).</summary>
    public bool IsProtective => Array.Exists(_slots, slot => slot is { Type: ProtectiveType, Start: 1 });

    /// <summary>
    /// Whether it can be a table. The boot sector of a FAT file system ends in the same signature, and has code or text
    /// where a table has its boot indicators.
    /// </summary>
    public bool AreSane => Array.TrueForAll(_slots, slot => slot.BootIndicator is 0 or 0x80);

    public static bool TryRead(ReadOnlySpan<byte> block, out MbrSlots slots)
    {
        slots = new MbrSlots(block);
        return block[SignatureOffset] == 0x55 && block[SignatureOffset + 1] == 0xAA;
    }

    public bool HasType(byte type) => Array.Exists(_slots, slot => slot.Type == type);
}
