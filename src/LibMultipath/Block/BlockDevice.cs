using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LibMultipath.Block;

/// <summary>
/// A disk: something that carries out bios (the kernel's <c>gendisk</c> with its <c>block_device</c>). A path's own
/// disk (<see cref="DriverDisk"/>), the head disk that multipath puts in front of the paths, and a partition of
/// either are the same abstraction.
/// </summary>
/// <remarks>All members may be used on any thread. No member blocks unless it says so.</remarks>
public abstract partial class BlockDevice
{
    private readonly Lock _shapeLock = new();
    private DiskShape _shape;

    private protected BlockDevice(string name, DiskShape shape, ILogger? logger)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
        _shape = shape;
        Logger = logger ?? NullLogger.Instance;
    }

    /// <summary>The capacity, the limits or the read-only mark has changed. Raised on the thread that changed it.</summary>
    public event Action<BlockDevice>? Changed;

    /// <summary>What people call the disk. Not empty.</summary>
    public string Name { get; }

    /// <summary>In sectors of 512 bytes.</summary>
    public long CapacitySectors => Shape.CapacitySectors;

    /// <summary>What a bio must keep to; larger ones are split.</summary>
    public QueueLimits Limits => Shape.Limits;

    /// <summary>Whether everything but reads and flushes is refused.</summary>
    public bool IsReadOnly => Shape.IsReadOnly;

    /// <summary>Whether this is the head disk of a multipath device (<c>nvme_disk_is_ns_head</c>) and not a path's own.</summary>
    public virtual bool IsHeadDisk => false;

    /// <summary>How often a driver ended an attempt that was over: each is a driver's fault, and was ignored.</summary>
    public static long StaleCompletions => Volatile.Read(ref s_staleCompletions);

    /// <summary>What bios are checked against now.</summary>
    internal virtual DiskShape Shape => Volatile.Read(ref _shape);

    /// <summary>Where this disk logs.</summary>
    internal ILogger Logger { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>Replaces capacity, limits or the read-only mark; null leaves what is.</summary>
    private protected void Reshape(long? capacitySectors = null, QueueLimits? limits = null, bool? readOnly = null, int? maxPathAppendSectors = null)
    {
        lock (_shapeLock)
        {
            DiskShape old = _shape;
            var shape = new DiskShape(
                capacitySectors ?? old.CapacitySectors, limits ?? old.Limits, readOnly ?? old.IsReadOnly, maxPathAppendSectors ?? old.MaxPathAppendSectors);
            if (shape.Equals(old))
            {
                return;
            }

            Volatile.Write(ref _shape, shape);
        }

        Changed?.Invoke(this);
    }
}
