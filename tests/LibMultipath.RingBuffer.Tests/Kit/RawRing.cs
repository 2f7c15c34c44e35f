namespace LibMultipath.RingBuffer.Tests.Kit;

/// <summary>A ring's memory itself, to write there what nobody should, or to be a producer of another make.</summary>
internal sealed unsafe class RawRing : IDisposable
{
    public RawRing(UserRingBuffer ring)
    {
        using UserRingDescriptors descriptors = ring.DescriptorsForConsumer();
        Memory = RingMemory.Map(descriptors.ConsumerPage, descriptors.Data, ring.Size, asConsumer: true, UserRingFlags.None);
    }

    public RingMemory Memory { get; }

    public ref ulong Produced => ref Memory.Producer->Position;

    public ref ulong Consumed => ref Memory.Consumer->Position;

    /// <summary>How many producers' threads sleep.</summary>
    public int ProducersAsleep => Volatile.Read(ref Memory.Producer->Sleepers);

    /// <summary>How many of the consumer's threads sleep.</summary>
    public int ConsumersAsleep => Volatile.Read(ref Memory.Consumer->Sleepers);

    public ref uint HeaderAt(ulong position) => ref *Memory.HeaderAt(position);

    /// <summary>Posts a record as a producer that looks at nothing.</summary>
    public void Post(uint header, ulong produced)
    {
        HeaderAt(Produced) = header;
        Produced = produced;
    }

    public void Dispose() => Memory.Dispose();
}
