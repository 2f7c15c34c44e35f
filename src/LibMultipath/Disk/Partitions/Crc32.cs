namespace LibMultipath.Disk.Partitions;

/// <summary>The CRC of GPT, which is that of Ethernet: polynomial 0x04C11DB7, reflected, all ones before and inverted after.</summary>
internal sealed class Crc32
{
    private static readonly uint[] s_table = MakeTable();
    private uint _state = uint.MaxValue;

    public uint Value => ~_state;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        foreach (byte next in bytes)
        {
            _state = s_table[(byte)(_state ^ next)] ^ (_state >> 8);
        }
    }

    private static uint[] MakeTable()
    {
        const uint Polynomial = 0xEDB88320;
        uint[] table = new uint[256];
        for (uint i = 0; i < table.Length; i++)
        {
            uint remainder = i;
            for (int bit = 0; bit < 8; bit++)
            {
                remainder = (remainder & 1) == 0 ? remainder >> 1 : (remainder >> 1) ^ Polynomial;
            }

            table[i] = remainder;
        }

        return table;
    }
}
