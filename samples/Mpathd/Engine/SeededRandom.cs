namespace Mpathd.Engine;

/// <summary>
/// SplitMix64: a small generator of our own, so that a seed means the same sequence on every version of .NET. Mutable,
/// for one thread.
/// </summary>
internal sealed class SeededRandom
{
    private ulong _state;

    public SeededRandom(ulong seed) => _state = seed;

    /// <summary>A generator that goes its own way, for the same seed always the same.</summary>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="stream">Which of the generators of the run.</param>
    public static SeededRandom Stream(ulong seed, ulong stream) =>
        new(new SeededRandom(seed ^ (stream * 0xD1342543DE82EF95)).NextUInt64());

    public ulong NextUInt64() => Mix(_state += 0x9E3779B97F4A7C15);

    /// <summary>A number from 0 to <paramref name="limit"/> - 1, as good as evenly.</summary>
    public long NextBelow(long limit) => (long)Math.BigMul(NextUInt64(), (ulong)limit, out _);

    /// <summary>A number from 0 to <paramref name="limit"/> - 1, as good as evenly.</summary>
    public int NextBelow(int limit) => (int)NextBelow((long)limit);

    /// <summary>True once in so many times, on average.</summary>
    public bool OnceIn(int times) => NextBelow(times) == 0;

    /// <summary>The output function: any two inputs that differ give outputs that look unrelated.</summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
