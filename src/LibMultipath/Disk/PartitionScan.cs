using LibMultipath.Block;
using LibMultipath.Disk.Partitions;
using LibMultipath.Work;

namespace LibMultipath.Disk;

/// <summary>
/// Reads the partition table of a disk, once it is live and whenever somebody asks. It is deferred work, because
/// reading waits for paths, and setting a path live must not.
/// </summary>
internal sealed class PartitionScan
{
    private readonly BlockDevice _disk;
    private readonly DeferredWork _work;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private Task _running = Task.CompletedTask;
    private IReadOnlyList<PartitionDisk> _partitions = [];

    public PartitionScan(MpathDisk disk, IWorkScheduler scheduler)
    {
        _disk = disk;
        _work = new DeferredWork(scheduler, WorkKind.Normal, () => _ = RunLoggedAsync());
    }

    public IReadOnlyList<PartitionDisk> Partitions => Volatile.Read(ref _partitions);

    public void Schedule() => _work.Queue();

    /// <summary>Stops what runs, and what would. The partitions that were found stay listed; their I/O goes to the disk.</summary>
    public void Cancel() => _stop.Cancel();

    /// <summary>Returns once nothing runs any more. Blocks; only after <see cref="Cancel"/>.</summary>
    public void Flush()
    {
        _work.Flush();
        Task running;
        lock (_lock)
        {
            running = _running;
        }

        // It ends soon, whatever happens: its reads were cancelled. How it ended was told to who started it.
        ((IAsyncResult)running).AsyncWaitHandle.WaitOne();
    }

    public Task RunAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_stop.IsCancellationRequested || _disk is MpathDisk { IsLive: false })
            {
                throw new BlockException(Errno.ENXIO, $"The partitions of {_disk.Name} cannot be read: the disk is not live");
            }

            Task before = _running;
            _running = ReadTableAsync(before);
            return _running.WaitAsync(cancellationToken);
        }
    }

    private async Task RunLoggedAsync()
    {
        try
        {
            await RunAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is BlockException or OperationCanceledException)
        {
            if (!_stop.IsCancellationRequested)
            {
                _disk.Logger.PartitionScanFailed(exception, _disk.Name);
            }
        }
    }

    private async Task ReadTableAsync(Task before)
    {
        // One at a time; what became of the one before is nobody's business here.
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        if ((_disk.Limits.Features & QueueFeatures.Zoned) != 0)
        {
            // As in the kernel: what resets a zone knows nothing of partitions.
            Volatile.Write(ref _partitions, []);
            return;
        }

        PartitionTable table = await PartitionTable.ReadAsync(
            ReadAsync, _disk.Limits.LogicalBlockSize, _disk.CapacitySectors, _stop.Token).ConfigureAwait(false);
        Volatile.Write(ref _partitions, [.. table.Partitions.Select(entry => new PartitionDisk(_disk, entry.Number, entry.StartSector, entry.SectorCount))]);
    }

    private async ValueTask ReadAsync(long sector, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        using Bio bio = Bio.Rent(BioOp.Read, sector, buffer);
        BlockStatus status = await _disk.SubmitAsync(bio, cancellationToken).ConfigureAwait(false);
        if (status != BlockStatus.Ok)
        {
            throw new BlockException(status.ToErrno(), $"Reading sector {sector} of {_disk.Name} for the partition table failed with {status.ToKernelName()}");
        }
    }
}
