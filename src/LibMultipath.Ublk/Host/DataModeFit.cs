using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Queues;

namespace LibMultipath.Ublk.Host;

/// <summary>Which disks can be shown in which way: what cannot is refused before anything is made.</summary>
internal static class DataModeFit
{
    /// <exception cref="UblkException">NotSupported: the disk cannot be shown so.</exception>
    public static void Ensure(BlockDevice disk, UblkDataMode mode)
    {
        QueueFeatures features = disk.Limits.Features;
        bool copies = mode is not (UblkDataMode.ZeroCopy or UblkDataMode.AutoZeroCopy);
        if (!copies && (features & QueueFeatures.RegisteredBuffers) == 0)
        {
            throw NotSupported($"showing {disk.Name} without a copy",
                "not all of its paths can use registered buffers", "show it with a copy, or use paths that can, such as those of the ring engine");
        }

        if ((features & QueueFeatures.Zoned) == 0)
        {
            return;
        }

        if (copies && mode != UblkDataMode.UserCopy)
        {
            throw NotSupported($"showing {disk.Name} in the mode {mode}",
                "it is zoned, and where the driver copies there is no room for the sector of an append", $"show it in the mode {UblkDataMode.UserCopy}, or without a copy");
        }

        if (disk is not MpathDisk)
        {
            throw NotSupported($"showing {disk.Name}", "it is zoned, and only a head disk reports its zones", "show the head disk over it");
        }
    }

    private static UblkException NotSupported(string doing, string problem, string remedy) =>
        new(UblkErrorKind.NotSupported, Errno.EOPNOTSUPP, doing, problem, remedy);
}
