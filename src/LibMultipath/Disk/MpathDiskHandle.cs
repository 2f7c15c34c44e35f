namespace LibMultipath.Disk;

/// <summary>A disk that somebody has opened: it is not gone before this is disposed.</summary>
public sealed class MpathDiskHandle : IDisposable
{
    private MpathDisk? _disk;

    internal MpathDiskHandle(MpathDisk disk) => _disk = disk;

    /// <summary>The disk.</summary>
    /// <exception cref="ObjectDisposedException">The handle was disposed.</exception>
    public MpathDisk Disk => _disk ?? throw new ObjectDisposedException(nameof(MpathDiskHandle));

    /// <summary>Closes the disk. A second call does nothing.</summary>
    public void Dispose() => Interlocked.Exchange(ref _disk, null)?.Close();
}
