using System.Runtime.InteropServices;

namespace RingPeer;

/// <summary>What a record looks like: all of it follows from its number.</summary>
internal static class Record
{
    public static int LengthOf(long number) => 16 + (int)(Mix(number) % 100) + (Mix(number) % 512 == 0 ? 2000 : 0);

    public static bool IsDiscarded(long number) => Mix(number + 7) % 16 == 0;

    public static void Write(Span<byte> record, long number)
    {
        MemoryMarshal.Write(record, number);
        for (int i = 8; i < record.Length; i++)
        {
            record[i] = (byte)(number + i);
        }
    }

    /// <summary>The number, if everything else is right.</summary>
    public static long Check(ReadOnlySpan<byte> record)
    {
        long number = record.Length < 16 ? -1 : MemoryMarshal.Read<long>(record);
        if (number < 0 || record.Length != LengthOf(number))
        {
            throw new InvalidDataException($"A record of {record.Length} bytes says that it is {number}.");
        }

        for (int i = 8; i < record.Length; i++)
        {
            if (record[i] != (byte)(number + i))
            {
                throw new InvalidDataException($"Record {number} is torn at {i} of {record.Length}.");
            }
        }

        return number;
    }

    private static ulong Mix(long number)
    {
        ulong value = ((ulong)number + 1) * 0x9e3779b97f4a7c15;
        value = (value ^ (value >> 32)) * 0xd6e8feb86659fd93;
        return value ^ (value >> 32);
    }
}
