using Microsoft.Extensions.ObjectPool;

namespace LibMultipath.Block;

public sealed partial class Bio
{
    // Deep enough for a queue depth of 1024; what is above that is left to the garbage collector.
    private const int Retained = 1024;

    private static readonly DefaultObjectPool<Bio> s_pool = new(new Policy(), Retained);

    private bool _rented;

    /// <summary>Takes a bio with one segment from the pool.</summary>
    /// <param name="op">The operation.</param>
    /// <param name="sector">The first sector, in units of 512 bytes.</param>
    /// <param name="data">The memory to read into or write from.</param>
    /// <param name="flags">What is asked for beside it.</param>
    public static Bio Rent(BioOp op, long sector, Memory<byte> data, BioFlags flags = BioFlags.None)
    {
        Bio bio = Rent(op, sector, flags: flags);
        bio.AddSegment(data);
        return bio;
    }

    /// <summary>Takes a bio without segments from the pool: for an operation that moves no data, or to add segments to.</summary>
    /// <param name="op">The operation.</param>
    /// <param name="sector">The first sector, in units of 512 bytes.</param>
    /// <param name="bytes">How many bytes it covers, when it moves no data.</param>
    /// <param name="flags">What is asked for beside it.</param>
    public static Bio Rent(BioOp op, long sector = 0, long bytes = 0, BioFlags flags = BioFlags.None)
    {
        Bio bio = s_pool.Get();
        bio._rented = true;
        bio.Op = op;
        bio.Sector = sector;
        bio.Flags = flags;
        bio.Size = bytes;
        return bio;
    }

    /// <summary>Gives the bio back to the pool. It must not be used after; a second call does nothing.</summary>
    /// <exception cref="InvalidOperationException">The bio is submitted and has not ended.</exception>
    public void Dispose()
    {
        ThrowIfSubmitted();
        if (_rented)
        {
            _rented = false;
            s_pool.Return(this);
        }
    }

    private sealed class Policy : PooledObjectPolicy<Bio>
    {
        public override Bio Create() => new();

        public override bool Return(Bio bio)
        {
            bio.ClearSegments();
            bio.EndIo = null;
            bio.State = null;
            bio.Tag = 0;
            bio.Device = null;
            bio.Owner = null;
            bio.Status = BlockStatus.Ok;
            bio._cancellationToken = default;
            return true;
        }
    }
}
