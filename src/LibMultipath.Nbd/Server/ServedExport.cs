using LibMultipath.Block;
using LibMultipath.Disk;

namespace LibMultipath.Nbd.Server;

/// <summary>
/// An export of a server: its disk is open, and keeps what clients rely on, until the export is removed and its last client
/// has gone.
/// </summary>
/// <remarks>The number of its users is the server's, under its lock.</remarks>
internal sealed class ServedExport
{
    // Data lies in pages of its own.
    private const int PageMask = 4095;

    private readonly MpathDiskHandle _disk;

    public ServedExport(NbdExport export)
    {
        Export = export;
        _disk = export.Disk.Open();

        try
        {
            // A cache may come and go, since flushes are always offered; zones may not come.
            QueueLimits limits = _disk.Keep(QueueFeatures.Zoned, PageMask);
            if ((limits.Features & QueueFeatures.Zoned) != 0 || limits.DmaAlignment > PageMask)
            {
                throw new NotSupportedException(
                    $"{export.Disk.Name} cannot be exported: it {((limits.Features & QueueFeatures.Zoned) != 0 ? "is zoned, and NBD has no zones" : $"needs data aligned to {limits.DmaAlignment + 1} bytes, and an export's is to {PageMask + 1}")}.");
            }
        }
        catch
        {
            _disk.Dispose();
            throw;
        }
    }

    /// <summary>What is shown.</summary>
    public NbdExport Export { get; }

    /// <summary>How many connections use it.</summary>
    public int Users { get; set; }

    /// <summary>Whether nobody new may use it.</summary>
    public bool IsRemoved { get; set; }

    /// <summary>Closes the disk. When it is removed, and nobody uses it.</summary>
    public void Close() => _disk.Dispose();
}
