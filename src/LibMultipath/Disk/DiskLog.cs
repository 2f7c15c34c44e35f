using Microsoft.Extensions.Logging;

namespace LibMultipath.Disk;

/// <summary>What a head disk says. The event ids are stable: 400 to 499 are this folder's.</summary>
internal static partial class DiskLog
{
    [LoggerMessage(400, LogLevel.Warning, "{Disk}: no usable path - requeuing I/O ({Suppressed} more not shown)")]
    public static partial void NoUsablePath(this ILogger logger, string disk, int suppressed);

    [LoggerMessage(401, LogLevel.Warning, "{Disk}: no available path - failing I/O ({Suppressed} more not shown)")]
    public static partial void NoAvailablePath(this ILogger logger, string disk, int suppressed);

    [LoggerMessage(402, LogLevel.Warning, "{Disk}: path {Path} failed with {Status}, failing over ({Suppressed} more not shown)")]
    public static partial void Failover(this ILogger logger, string disk, string path, string status, int suppressed);

    [LoggerMessage(403, LogLevel.Error, "{Disk}: the requeue work threw")]
    public static partial void RequeueFaulted(this ILogger logger, Exception exception, string disk);

    [LoggerMessage(404, LogLevel.Warning, "{Disk}: the partition table could not be read")]
    public static partial void PartitionScanFailed(this ILogger logger, Exception exception, string disk);

    [LoggerMessage(405, LogLevel.Error, "{Disk}: the head template threw when it was asked about {Path} ({Suppressed} more not shown)")]
    public static partial void TemplateThrew(this ILogger logger, Exception exception, string disk, string path, int suppressed);

    [LoggerMessage(406, LogLevel.Error, "{Disk}: the driver threw when the character device was added or deleted")]
    public static partial void CharDeviceFailed(this ILogger logger, Exception exception, string disk);

    [LoggerMessage(407, LogLevel.Error, "{Disk}: the work that looks at zones threw")]
    public static partial void ZoneWorkFaulted(this ILogger logger, Exception exception, string disk);

    [LoggerMessage(408, LogLevel.Warning, "{Disk}: the zone at sector {Sector} could not be read through {Path}: {Errno} ({Suppressed} more not shown)")]
    public static partial void ZoneReportFailed(this ILogger logger, string disk, long sector, string path, string errno, int suppressed);
}
