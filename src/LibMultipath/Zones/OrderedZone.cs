using LibMultipath.Block;

namespace LibMultipath.Zones;

/// <summary>A zone whose writes go one at a time.</summary>
internal sealed class OrderedZone(long start)
{
    private const long Unknown = -1;

    private readonly Lock _lock = new();
    private readonly Queue<Bio> _waiting = new();
    private long _writePointer = Unknown;
    private bool _conventional;
    private bool _busy;

    /// <summary>The first sector.</summary>
    public long Start => start;

    /// <summary>The sector that is written next, as far as is known. Of whoever has entered.</summary>
    public long WritePointer => Volatile.Read(ref _writePointer);

    /// <summary>Whether the write pointer is known. Of whoever has entered.</summary>
    public bool IsKnown => WritePointer != Unknown;

    /// <summary>Whether it is written anywhere, so that there is nothing to order.</summary>
    public bool IsConventional => Volatile.Read(ref _conventional);

    /// <summary>Enters, or waits for its turn: false, and the bio is this zone's until <see cref="Leave"/> gives it out.</summary>
    public bool TryEnter(Bio bio)
    {
        lock (_lock)
        {
            if (_busy)
            {
                _waiting.Enqueue(bio);
                return false;
            }

            _busy = true;
            return true;
        }
    }

    /// <summary>Leaves.</summary>
    /// <returns>The next one, which has entered; null if nobody waits.</returns>
    public Bio? Leave()
    {
        lock (_lock)
        {
            _busy = _waiting.TryDequeue(out Bio? next);
            return next;
        }
    }

    /// <summary>It was looked at.</summary>
    public void Learn(in Zone zone)
    {
        Volatile.Write(ref _conventional, zone.Type == ZoneType.Conventional);

        // A full zone's write pointer says nothing.
        MoveTo(zone.Condition == ZoneCondition.Full ? zone.Start + zone.Capacity : zone.WritePointer);
    }

    /// <summary>The write pointer has moved. Of whoever has entered.</summary>
    public void MoveTo(long sector) => Volatile.Write(ref _writePointer, sector);

    /// <summary>Nobody knows where it is written next.</summary>
    public void Forget() => Volatile.Write(ref _writePointer, Unknown);
}
