namespace LibMultipath.RingBuffer;

/// <summary>
/// A record, for as long as the handler runs: it lies in the ring. A producer that is not to be trusted can still write
/// to it, so what decides about safety is copied first and checked then.
/// </summary>
public readonly ref struct UserRingRecord
{
    internal UserRingRecord(ReadOnlySpan<byte> data, ulong position)
    {
        Data = data;
        Position = position;
    }

    /// <summary>What was written. It begins at a multiple of 8 bytes.</summary>
    public ReadOnlySpan<byte> Data { get; }

    /// <summary>
    /// Where its header is: how many bytes were consumed before it, ever. It grows from record to record, also over a change
    /// of the consumer, so it tells a record that is given a second time (<see cref="UserRingBuffer.TakeOver"/>).
    /// </summary>
    public ulong Position { get; }
}
