using LibMultipath.Block;

namespace LibMultipath.Nbd.Client;

/// <summary>The memory of a bio as one run of bytes.</summary>
internal static class SegmentBytes
{
    /// <summary>What there is in one piece from a position on.</summary>
    /// <param name="bio">The bio.</param>
    /// <param name="position">In bytes from its start, within it.</param>
    public static Span<byte> At(Bio bio, uint position)
    {
        foreach (ref readonly BioSegment segment in bio.Segments)
        {
            if (position < segment.Length)
            {
                return segment.Span[(int)position..];
            }

            position -= (uint)segment.Length;
        }

        throw new ArgumentOutOfRangeException(nameof(position), $"Byte {position} is beyond the end of the bio.");
    }

    /// <summary>Puts bytes there.</summary>
    public static void Write(Bio bio, uint position, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            Span<byte> room = At(bio, position);
            int length = Math.Min(room.Length, bytes.Length);
            bytes[..length].CopyTo(room);
            bytes = bytes[length..];
            position += (uint)length;
        }
    }

    /// <summary>Puts zeroes there.</summary>
    public static void Clear(Bio bio, uint position, uint length)
    {
        while (length > 0)
        {
            Span<byte> room = At(bio, position);
            int now = (int)Math.Min((uint)room.Length, length);
            room[..now].Clear();
            position += (uint)now;
            length -= (uint)now;
        }
    }
}
