using System.Collections.Concurrent;
using LibMultipath.Block;

namespace LibMultipath.Zones;

/// <summary>
/// Keeps the writes of each zone in order (the kernel's zone write plugs): what writes a zone, or changes what becomes of it,
/// has it to itself for its turn, the others wait in the order in which they came. A reset of all zones has all of them.
/// </summary>
/// <remarks>All members may be used on any thread. A zone that is written for the first time costs an object; nothing after.</remarks>
internal sealed class ZoneOrder
{
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<long, OrderedZone> _zones = [];

    // What came after a reset of all zones that has not ended, beginning with that reset if it waits. When there is one,
    // a zone is somebody's, or all are: so somebody will leave, and let it in.
    private readonly BioWaitList _behind = new();
    private readonly OrderedZone _all;
    private int _heldZones;

    /// <summary>Makes the order of a disk of which nothing is known.</summary>
    /// <param name="zoneSectors">The size of a zone, in sectors of 512 bytes.</param>
    public ZoneOrder(long zoneSectors)
    {
        ZoneSectors = zoneSectors;
        _all = new OrderedZone(this, 0);
    }

    /// <summary>The size of a zone, in sectors of 512 bytes.</summary>
    public long ZoneSectors { get; }

    /// <summary>Whether a bio must not overtake, nor be overtaken by, a write of the same zone.</summary>
    public static bool Orders(Bio bio) =>
        bio.Op >= BioOp.ZoneOpen || (bio.Op is BioOp.Write or BioOp.WriteZeroes or BioOp.ZoneAppend && bio.Size != 0);

    /// <summary>What a bio needs a turn in: the zone of its sector, or all zones.</summary>
    public OrderedZone ZoneOf(Bio bio) => bio.Op == BioOp.ZoneResetAll
        ? _all
        : _zones.GetOrAdd(bio.Sector / ZoneSectors, static (number, order) => new OrderedZone(order, number * order.ZoneSectors), this);

    /// <summary>Asks for a turn.</summary>
    /// <param name="bio">Its caller owns it, unless the answer is that it waits.</param>
    /// <param name="zone">What it needs a turn in.</param>
    public ZoneEntry Enter(Bio bio, OrderedZone zone)
    {
        lock (_lock)
        {
            bool isBehind = _all.Holder is not null || _behind.First is not null || (zone == _all && _heldZones != 0);
            if (!isBehind && zone.Holder is null)
            {
                Give(zone, bio);
                return ZoneEntry.HasTurn;
            }

            return (bio.Flags & BioFlags.NoWait) != 0 ? ZoneEntry.WouldWait
                : (isBehind ? _behind : zone.Waiting).Add(bio) ? ZoneEntry.Waits
                : ZoneEntry.AskedBack;
        }
    }

    /// <summary>Ends a turn. Does nothing for a bio that has none, or writes in the turn of another one.</summary>
    /// <returns>Those whose turn it is now, linked by <see cref="Bio.Next"/>; their owner is to carry them out.</returns>
    public Bio? Leave(Bio bio, OrderedZone zone)
    {
        lock (_lock)
        {
            if (zone.Holder != bio)
            {
                return null;
            }

            zone.Holder = zone.Waiting.TakeFirst();
            if (zone.Holder is { } next)
            {
                return next;
            }

            _heldZones -= zone == _all ? 0 : 1;
            return _heldZones == 0 ? LetIn() : null;
        }
    }

    /// <summary>What is known of write pointers is worth nothing any more.</summary>
    public void Forget()
    {
        foreach ((_, OrderedZone zone) in _zones)
        {
            zone.Forget();
        }
    }

    private void Give(OrderedZone zone, Bio bio)
    {
        zone.Holder = bio;
        _heldZones += zone == _all ? 0 : 1;
    }

    // In order, up to the next reset of all zones.
    private Bio? LetIn()
    {
        Bio? first = null;
        Bio? last = null;
        while (_all.Holder is null && _behind.First is { } bio)
        {
            OrderedZone zone = ZoneOf(bio);
            if (zone == _all && _heldZones != 0)
            {
                break;
            }

            // Only here is it put on this list again, under the lock: so it is the one that was first, or gone.
            if (!_behind.TryRemove(bio))
            {
                continue;
            }

            if (zone.Holder is null)
            {
                Give(zone, bio);
            }
            else if (zone.Waiting.Add(bio))
            {
                continue;
            }

            // It has its turn; or its submitter wants it back, and it ends when it is carried out.
            if (last is null)
            {
                first = bio;
            }
            else
            {
                last.Next = bio;
            }

            last = bio;
        }

        return first;
    }
}
