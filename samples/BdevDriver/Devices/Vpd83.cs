using System.Buffers.Binary;
using System.Text;

namespace BdevDriver.Devices;

/// <summary>
/// The device identification page of a SCSI device (VPD page 83h), for kernels and drivers that have the page and make no
/// <c>wwid</c> of it.
/// </summary>
internal static class Vpd83
{
    private const byte Page = 0x83;

    // The types of designators, from the best: unique in the world first, and the longer the better.
    private enum Designator
    {
        T10 = 1,
        Eui64 = 2,
        Naa = 3,
        Name = 8,
    }

    /// <summary>The best id that the page has of the logical unit; null when it has none, or is none.</summary>
    public static UniqueId? Parse(ReadOnlySpan<byte> page)
    {
        if (page.Length < 4 || page[1] != Page)
        {
            return null;
        }

        ReadOnlySpan<byte> left = page[4..];
        left = left[..Math.Min(left.Length, BinaryPrimitives.ReadUInt16BigEndian(page[2..]))];
        (int Rank, string Text) best = (0, "");
        while (left.Length >= 4 && left.Length >= 4 + left[3])
        {
            ReadOnlySpan<byte> value = left.Slice(4, left[3]);
            int rank = RankOf(left[1], value.Length);
            if (rank > best.Rank)
            {
                best = (rank, TextOf((Designator)(left[1] & 0xF), value));
            }

            left = left[(4 + value.Length)..];
        }

        return UniqueId.Parse(best.Text);
    }

    private static int RankOf(byte form, int length)
    {
        // Those of the target and of its port are the path's, not the unit's.
        bool isOfUnit = (form & 0x30) == 0;
        return !isOfUnit || length == 0 ? 0 : (Designator)(form & 0xF) switch
        {
            Designator.Naa when length is 8 or 16 => 300 + length,
            Designator.Eui64 when length is 8 or 12 or 16 => 200 + length,
            Designator.Name => 100,
            Designator.T10 => 1,
            _ => 0,
        };
    }

    private static string TextOf(Designator type, ReadOnlySpan<byte> value) => type switch
    {
        Designator.Naa => $"naa.{Convert.ToHexStringLower(value)}",
        Designator.Eui64 => $"eui.{Convert.ToHexStringLower(value)}",
        Designator.Name => Encoding.UTF8.GetString(value).TrimEnd('\0'),
        _ => $"t10.{Encoding.Latin1.GetString(value)}",
    };
}
