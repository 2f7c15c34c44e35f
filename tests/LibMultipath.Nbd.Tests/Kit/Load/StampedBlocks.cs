using System.Runtime.InteropServices;

namespace LibMultipath.Nbd.Tests.Kit.Load;

/// <summary>
/// What a block must hold: nothing but its own number, its version and the run's seed decide every byte. So a block in the
/// wrong place, of another time, or torn, is seen. Version 0 is zeroes: never written, or discarded.
/// </summary>
internal sealed class StampedBlocks(int seed)
{
    /// <summary>In bytes.</summary>
    public const int Size = 4096;

    public void Fill(Span<byte> bytes, long block, uint version)
    {
        if (version == 0)
        {
            bytes.Clear();
            return;
        }

        ulong state = Start(block, version);
        foreach (ref ulong word in MemoryMarshal.Cast<byte, ulong>(bytes))
        {
            word = Next(ref state);
        }
    }

    public bool Holds(ReadOnlySpan<byte> bytes, long block, uint version)
    {
        if (version == 0)
        {
            return !bytes.ContainsAnyExcept((byte)0);
        }

        ulong state = Start(block, version);
        foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(bytes))
        {
            if (word != Next(ref state))
            {
                return false;
            }
        }

        return true;
    }

    private static ulong Next(ref ulong state)
    {
        // splitmix64
        ulong z = state += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }

    private ulong Start(long block, uint version) => ((ulong)block << 32) ^ version ^ ((ulong)(uint)seed << 17);
}
