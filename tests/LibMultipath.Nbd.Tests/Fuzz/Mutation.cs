using System.Buffers.Binary;

namespace LibMultipath.Nbd.Tests.Fuzz;

/// <summary>Makes something malformed of something valid.</summary>
internal static class Mutation
{
    // What lengths, offsets and flags go wrong with.
    private static readonly ulong[] s_numbers =
    [
        0, 1, 7, 8, 27, 511, 513, 4095, 0x7fff, 0x8000, 0xffff, 1 << 20, (32 << 20) + 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x7fffffffffffffff, ulong.MaxValue,
    ];

    public static byte[] Of(byte[] valid, Random random)
    {
        byte[] bytes = valid;
        for (int times = random.Next(1, 4); times > 0; times--)
        {
            bytes = Once(bytes, random);
        }

        return bytes;
    }

    private static byte[] Once(byte[] bytes, Random random)
    {
        int at = random.Next(bytes.Length + 1);
        int to = Math.Min(bytes.Length, at + random.Next(1, 24));
        switch (random.Next(8))
        {
            case 0 when at < bytes.Length:
                return With(bytes, at, [(byte)(bytes[at] ^ (1 << random.Next(8)))]);
            case 1 or 2:
                byte[] number = new byte[8];
                BinaryPrimitives.WriteUInt64BigEndian(number, s_numbers[random.Next(s_numbers.Length)]);
                return With(bytes, at, number[^(1 << random.Next(1, 4))..]);
            case 3:
                return [.. bytes[..at], .. bytes[to..]];
            case 4:
                byte[] noise = new byte[random.Next(1, 64)];
                random.NextBytes(noise);
                return [.. bytes[..at], .. noise, .. bytes[at..]];
            case 5:
                return [.. bytes[..to], .. bytes[at..]];
            case 6:
                return bytes[..at];
            default:
                byte[] other = new byte[to - at];
                random.NextBytes(other);
                return With(bytes, at, other);
        }
    }

    private static byte[] With(byte[] bytes, int at, byte[] instead)
    {
        byte[] changed = [.. bytes];
        instead.AsSpan(0, Math.Min(instead.Length, bytes.Length - at)).CopyTo(changed.AsSpan(at));
        return changed;
    }
}
