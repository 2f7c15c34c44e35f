using System.Numerics;
using System.Runtime.InteropServices;

namespace Mpathd.Engine;

/// <summary>
/// What a block holds: the run, its address, its version, a checksum of all of the block, and bytes that follow from the
/// first three. Little-endian, as the machines that .NET runs on. Blocks are whole sectors.
/// </summary>
internal static class BlockContent
{
    private const int RunAt = 0;
    private const int AddressAt = 1;
    private const int VersionAt = 2;
    private const int ChecksumAt = 3;
    private const int HeaderWords = 4;

    /// <summary>Fills a block.</summary>
    /// <param name="block">A whole block.</param>
    /// <param name="run">Tells this run's blocks from another's.</param>
    /// <param name="address">Its number on the disk.</param>
    /// <param name="version">Its version; not 0, which stands for never written.</param>
    public static void Write(Span<byte> block, ulong run, long address, uint version)
    {
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(block);
        words[RunAt] = run;
        words[AddressAt] = (ulong)address;
        words[VersionAt] = version;
        words[ChecksumAt] = 0;
        ulong state = SeededRandom.Mix(run ^ SeededRandom.Mix((ulong)address ^ ((ulong)version << 40)));
        foreach (ref ulong word in words[HeaderWords..])
        {
            state += 0x9E3779B97F4A7C15;
            word = (state ^ (state >> 32)) * 0xBF58476D1CE4E5B9;
        }

        words[ChecksumAt] = Checksum(words);
    }

    /// <summary>Looks at a block that was read.</summary>
    /// <param name="block">A whole block.</param>
    /// <param name="run">As it was written.</param>
    /// <param name="address">As it was written.</param>
    /// <param name="version">What was acknowledged last; 0 for a block that must be all zeroes.</param>
    public static BlockVerdict Check(ReadOnlySpan<byte> block, ulong run, long address, uint version)
    {
        if (version == 0)
        {
            return block.ContainsAnyExcept((byte)0) ? BlockVerdict.NotZero : BlockVerdict.Good;
        }

        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(block);
        if (words[ChecksumAt] != Checksum(words))
        {
            return BlockVerdict.Checksum;
        }

        return words[RunAt] != run ? BlockVerdict.OtherRun
            : words[AddressAt] != (ulong)address ? BlockVerdict.OtherAddress
            : words[VersionAt] != version ? BlockVerdict.OtherVersion
            : BlockVerdict.Good;
    }

    // Four chains that do not wait for each other. The place of the checksum itself counts as zero.
    private static ulong Checksum(ReadOnlySpan<ulong> words)
    {
        const ulong Prime = 0x9FB21C651E98DF25;
        ulong a = Step(0x243F6A8885A308D3, words[RunAt]);
        ulong b = Step(0x13198A2E03707344, words[AddressAt]);
        ulong c = Step(0xA4093822299F31D0, words[VersionAt]);
        ulong d = Step(0x082EFA98EC4E6C89, 0);
        for (int i = HeaderWords; i + 3 < words.Length; i += 4)
        {
            a = Step(a, words[i]);
            b = Step(b, words[i + 1]);
            c = Step(c, words[i + 2]);
            d = Step(d, words[i + 3]);
        }

        return SeededRandom.Mix(a ^ SeededRandom.Mix(b ^ SeededRandom.Mix(c ^ SeededRandom.Mix(d))));

        static ulong Step(ulong chain, ulong word) => BitOperations.RotateLeft(chain ^ word, 27) * Prime;
    }
}
