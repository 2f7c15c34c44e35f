namespace LibMultipath.Tests.Torture;

/// <summary>A small generator for one thread: cheap enough to be asked several times for every I/O.</summary>
internal sealed class TortureRandom(int seed, int stream)
{
    private ulong _state = (((ulong)(uint)seed << 32) | (uint)stream) * 0x9E3779B97F4A7C15 | 1;

    /// <summary>From 0 up to, and not including, the limit; at most 65,536.</summary>
    public int Next(int limit) => (int)((Step() * (ulong)limit) >> 16);

    /// <summary>True so many times out of 65,536.</summary>
    public bool Chance(int of65536) => Step() < (ulong)of65536;

    private ulong Step()
    {
        ulong state = _state;
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        _state = state;
        return (state * 0x2545F4914F6CDD1D) >> 48;
    }
}
