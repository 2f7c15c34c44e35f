using LibMultipath.RingBuffer;

namespace LibMultipath.Benchmarks.Rig;

/// <summary>A ring and its producer in this process.</summary>
internal sealed class RingPair : IDisposable
{
    public RingPair(UserRingFlags flags = UserRingFlags.None)
    {
        Ring = new UserRingBuffer(new UserRingOptions { Size = 256 * 1024, Flags = UserRingFlags.Populate });
        Producer = Ring.OpenProducer(flags);
    }

    public UserRingBuffer Ring { get; }

    public UserRingProducer Producer { get; }

    public void Dispose()
    {
        Producer.Dispose();
        Ring.Dispose();
    }
}
