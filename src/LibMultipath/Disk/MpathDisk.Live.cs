using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Zones;

namespace LibMultipath.Disk;

public sealed partial class MpathDisk
{
    private readonly PartitionScan _scan;
    private bool _hasCharDevice;

    /// <summary>
    /// The partitions that were found when the disk became live, as disks of their own; empty before, and when
    /// <see cref="MpathDiskOptions.ScanPartitions"/> is not set.
    /// </summary>
    public IReadOnlyList<PartitionDisk> Partitions => _scan.Partitions;

    /// <summary>Whether there is a character device beside the disk: its driver has added one, and the disk is not going.</summary>
    public bool HasCharDevice => Volatile.Read(ref _hasCharDevice);

    /// <summary>Reads the partition table anew (<c>BLKRRPART</c>), and returns when <see cref="Partitions"/> are what it says.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="BlockException">The disk is not live (ENXIO), or reading failed (EIO); the partitions are as before.</exception>
    public Task RescanPartitionsAsync(CancellationToken cancellationToken = default) => _scan.RunAsync(cancellationToken);

    /// <summary>A path has become usable (<c>nvme_mpath_set_live</c>): the disk appears, waiting I/O goes on.</summary>
    void IMpathHeadDisk.SetLive(MpathDevice path) => SetLive(path);

    void IMpathHeadDisk.LimitsChanged() => AdoptShape();

    private void SetLive(MpathDevice path)
    {
        if (GoLive() && _options.ScanPartitions)
        {
            _scan.Schedule();
        }

        if (path.AccessState == MpathAccessState.Optimized)
        {
            Head.ScanForEveryNode();
        }

        Head.Srcu.Synchronize();

        // Somebody else may have written meanwhile: every zone is looked at again before it is written
        // (blk_revalidate_disk_zones). A write that is under way knows the write pointer when it ends.
        _zones?.Forget();
        ScheduleRequeue();
    }

    // True for the one call that makes the disk live. A host that cannot show it leaves it as it was.
    private bool GoLive()
    {
        lock (_liveLock)
        {
            if (_live || _removed)
            {
                return false;
            }

            AdoptShape();
            if (IsZoned && Head.Template is not IMpathZones)
            {
                throw new BlockException(Errno.EOPNOTSUPP,
                    $"{Name} is zoned, and nobody can say where its zones are written next: the template of {Head.Name} has to be an {nameof(IMpathZones)}");
            }

            Volatile.Write(ref _live, true);
        }

        try
        {
            Show();
        }
        catch
        {
            // I/O that found the disk live may wait already, the host's own perhaps. In this order, as in Remove.
            Volatile.Write(ref _live, false);
            Head.Srcu.Synchronize();
            ScheduleRequeue();
            throw;
        }

        return true;
    }

    // The head's shape may change meanwhile, and who changed it be faster: the last one that is set is the head's.
    private void AdoptShape()
    {
        long capacity;
        QueueLimits limits;
        bool gone;
        do
        {
            gone = IsGone;
            capacity = Head.CapacitySectors;
            limits = Head.Limits;
            Reshape(gone ? 0 : capacity, AdoptZones(limits), maxPathAppendSectors: limits.MaxZoneAppendSectors);
        }
        while (gone != IsGone || capacity != Head.CapacitySectors || !ReferenceEquals(limits, Head.Limits));
    }

    // What the paths cannot append is written at the write pointer, so the disk can append up to a zone.
    private QueueLimits AdoptZones(QueueLimits limits)
    {
        if ((limits.Features & QueueFeatures.Zoned) == 0)
        {
            return limits;
        }

        ZoneOrder? zones = _zones;
        if (zones?.ZoneSectors != limits.ChunkSectors)
        {
            Interlocked.CompareExchange(ref _zones, new ZoneOrder(limits.ChunkSectors), zones);
        }

        return limits with { MaxZoneAppendSectors = limits.ChunkSectors };
    }

    // Not under the lock of the live flag: the host may do I/O, which may need another path to be set live.
    private void Show()
    {
        lock (_hostLock)
        {
            if (!_shown && !Volatile.Read(ref _removed))
            {
                _options.Host?.AddDisk(this);
                _shown = true;
                AddCharDevice();
            }
        }
    }

    private void Hide()
    {
        lock (_hostLock)
        {
            if (_shown)
            {
                _shown = false;
                DeleteCharDevice();
                _options.Host?.DeleteDisk(this);
            }
        }
    }

    // The disk is useful without it.
    private void AddCharDevice()
    {
        try
        {
            if (Head.Template is IMpathCharDevice driver)
            {
                driver.AddCharDevice(this);
                Volatile.Write(ref _hasCharDevice, true);
            }
        }
        catch (Exception exception)
        {
            Logger.CharDeviceFailed(exception, Name);
        }
    }

    private void DeleteCharDevice()
    {
        try
        {
            if (_hasCharDevice)
            {
                Volatile.Write(ref _hasCharDevice, false);
                ((IMpathCharDevice)Head.Template).DeleteCharDevice(this);
            }
        }
        catch (Exception exception)
        {
            Logger.CharDeviceFailed(exception, Name);
        }
    }
}
