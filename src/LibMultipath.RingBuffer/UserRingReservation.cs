using System.Runtime.CompilerServices;

namespace LibMultipath.RingBuffer;

/// <summary>
/// Room for a record: the producer's until it is submitted or discarded, on any thread that has it. Until then the
/// consumer gets neither this record nor any that was reserved after it.
/// </summary>
/// <remarks>
/// <para>It must not be copied, passing it by value included. That a copy was given up as well is noticed while its place in the ring is
/// not reserved again with the same length; after that the copy gives up a record of somebody else's. So it is with a span
/// that is kept.</para>
/// <para>Take it with <c>using</c>: one that is dropped because something has thrown stops the consumer until the producer's
/// process ends.</para>
/// </remarks>
public unsafe ref struct UserRingReservation
{
    private readonly UserRingProducer _producer;
    private readonly int _length;
    private uint* _header;

    internal UserRingReservation(UserRingProducer producer, uint* header, int length)
    {
        _producer = producer;
        _header = header;
        _length = length;
    }

    /// <summary>Whether it is there, and was not given up.</summary>
    public readonly bool IsHeld => _header != null;

    /// <summary>In bytes; what was asked for.</summary>
    public readonly int Length => _length;

    /// <summary>
    /// Where to write the record. It begins at a multiple of 8 bytes, and holds whatever was there before. Not to be used after
    /// the record was given up.
    /// </summary>
    /// <exception cref="InvalidOperationException">It was given up, or never was.</exception>
    public readonly Span<byte> Span
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if (_header == null)
            {
                ThrowNotHeld();
            }

            return new Span<byte>(_header + 2, _length);
        }
    }

    /// <summary>Gives the record to the consumer, and wakes it if it sleeps. Needs no synchronisation with other producers.</summary>
    /// <exception cref="InvalidOperationException">It was given up, or never was.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Submit() => GiveUp(0);

    /// <summary>Has the consumer skip the record. Needs no synchronisation with other producers.</summary>
    /// <exception cref="InvalidOperationException">It was given up, or never was.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Discard() => GiveUp(RecordHeader.Discard);

    /// <summary>Discards the record if it was not given up.</summary>
    public void Dispose()
    {
        if (_header != null)
        {
            Discard();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void GiveUp(uint flag)
    {
        uint* header = _header;
        if (header == null)
        {
            ThrowNotHeld();
        }

        _header = null;
        _producer.GiveUp(header, (uint)_length, flag);
    }

    private static void ThrowNotHeld() =>
        throw new InvalidOperationException("The reservation was submitted or discarded, or there was none; reserve again.");
}
