using System.Runtime.InteropServices;

namespace LibMultipath.Tests.Torture;

/// <summary>What a block holds: its address, its version, its writer, and a checksum of the three in every word that is left.</summary>
internal static class TortureBlock
{
    public const int Size = 512;
    public const int Shift = 9;

    private const int Header = 3;

    public static void Write(Span<byte> block, int address, int version, int writer)
    {
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(block);
        words[0] = (uint)address;
        words[1] = (uint)version;
        words[2] = (uint)writer;
        words[Header..].Fill(Checksum(address, version, writer));
    }

    /// <summary>The version that the block holds; false if it is not whole, or another block's.</summary>
    public static bool TryRead(ReadOnlySpan<byte> block, int address, int writer, out int version)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(block);
        version = (int)words[1];
        return words[0] == (uint)address
            && words[1] == (uint)version
            && words[2] == (uint)writer
            && words[Header..].IndexOfAnyExcept(Checksum(address, version, writer)) < 0;
    }

    public static string Describe(ReadOnlySpan<byte> block)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(block);
        return $"address {words[0]}, version {words[1]}, writer {words[2]}, checksums {words[Header]:x} to {words[^1]:x}";
    }

    private static ulong Checksum(int address, int version, int writer)
    {
        ulong mixed = (((ulong)(uint)address << 32) | (uint)version) + ((ulong)(uint)writer << 16) + 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
