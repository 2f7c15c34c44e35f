using LibMultipath.Block;

namespace LibMultipath.Zones;

/// <summary>A zone whose writes take turns, and what is known of it.</summary>
/// <remarks>What is known is written by the bio whose turn it is; anybody may make it unknown again.</remarks>
internal sealed class OrderedZone(ZoneOrder order, long start)
{
    /// <summary>The write pointer of a zone of which nobody knows where it is written next.</summary>
    public const long Unknown = -1;

    private const long Nowhere = long.MaxValue;

    private long _writePointer = Unknown;
    private bool _isRandom;

    /// <summary>The order that it is a part of.</summary>
    public ZoneOrder Order => order;

    /// <summary>The first sector.</summary>
    public long Start => start;

    /// <summary>Where its capacity ends. Once it was looked at.</summary>
    public long End { get; private set; }

    /// <summary>
    /// The sector that is written next, beyond all sectors if none can be, or <see cref="Unknown"/>. To be read once: it may
    /// be forgotten at any time.
    /// </summary>
    public long WritePointer => Volatile.Read(ref _writePointer);

    /// <summary>Whether it was found to be written anywhere, so that there is nothing to order.</summary>
    public bool IsRandom => Volatile.Read(ref _isRandom);

    /// <summary>Whose turn it is. Under the lock of the order, as what follows.</summary>
    public Bio? Holder { get; set; }

    /// <summary>Who waits for a turn. Nobody does when it is nobody's.</summary>
    public BioWaitList Waiting { get; } = new();

    /// <summary>It was looked at.</summary>
    /// <returns>The write pointer.</returns>
    public long Learn(in Zone zone)
    {
        End = zone.Start + zone.Capacity;
        Volatile.Write(ref _isRandom, zone.Type != ZoneType.SequentialWriteRequired);
        long pointer = zone switch
        {
            { Type: not ZoneType.SequentialWriteRequired } => zone.Start, // what it says means nothing
            { Condition: ZoneCondition.Full } => End,
            { Condition: ZoneCondition.ReadOnly or ZoneCondition.Offline } => Nowhere,
            _ => zone.WritePointer,
        };
        MoveTo(pointer);
        return pointer;
    }

    /// <summary>The write pointer has moved.</summary>
    public void MoveTo(long sector) => Volatile.Write(ref _writePointer, sector);

    /// <summary>Nobody knows where it is written next.</summary>
    public void Forget() => MoveTo(Unknown);
}
