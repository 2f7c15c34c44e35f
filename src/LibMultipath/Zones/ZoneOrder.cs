using LibMultipath.Block;

namespace LibMultipath.Zones;

/// <summary>
/// Keeps the writes of a zone in order: one at a time goes to the disk, the others wait in the order in which they came (the
/// kernel's zone write plug). And remembers where each zone is written next.
/// </summary>
/// <remarks>All members may be used on any thread. A zone that is written for the first time costs an object; nothing after.</remarks>
internal sealed class ZoneOrder(long zoneSectors)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, OrderedZone> _zones = [];

    /// <summary>The size of a zone, in sectors of 512 bytes.</summary>
    public long ZoneSectors => zoneSectors;

    /// <summary>The zone of a sector.</summary>
    public OrderedZone ZoneOf(long sector)
    {
        long number = sector / zoneSectors;
        lock (_lock)
        {
            if (!_zones.TryGetValue(number, out OrderedZone? zone))
            {
                _zones.Add(number, zone = new OrderedZone(number * zoneSectors));
            }

            return zone;
        }
    }

    /// <summary>What is known of write pointers is worth nothing any more: somebody else may have moved them.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            foreach (OrderedZone zone in _zones.Values)
            {
                zone.Forget();
            }
        }
    }

    /// <summary>Whether an operation must not overtake, nor be overtaken by, a write of the same zone.</summary>
    public static bool Orders(BioOp op) =>
        op is BioOp.Write or BioOp.WriteZeroes or BioOp.ZoneAppend or BioOp.ZoneFinish or BioOp.ZoneReset;
}
