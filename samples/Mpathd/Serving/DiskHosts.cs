using LibMultipath.Disk;
using Microsoft.Extensions.Logging;
using Mpathd.Nbd;
using Mpathd.Ublk;

namespace Mpathd.Serving;

/// <summary>Chooses what shows a disk to its users: what was asked for, or else what works here.</summary>
internal static class DiskHosts
{
    /// <summary>Chooses, and sees that this machine has what is needed, before anything is made.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="control">The control socket; beside it is the export of a machine without ublk.</param>
    /// <param name="logger">Where it is said why there is no block device, and where hosts log.</param>
    /// <exception cref="MpathdException">It has not.</exception>
    public static DiskHostStart Choose(ServeOptions options, string control, ILogger logger)
    {
        DiskHostStart ublk = UblkDiskHost.Starter(logger);
        if (options.Nbd is { } nbd)
        {
            if (!options.Ublk)
            {
                return NbdDiskHost.Starter(nbd, logger);
            }

            UblkDiskHost.EnsurePossible();
            return Both(ublk, NbdDiskHost.Starter(nbd, logger));
        }

        try
        {
            UblkDiskHost.EnsurePossible();
            return ublk;
        }
        catch (MpathdException lacks) when (!options.Ublk)
        {
            logger.LogWarning("an NBD export in place of a block device: {Problem}; {Remedy}", lacks.Message, lacks.Remedy);
            return NbdDiskHost.Starter(new NbdHostOptions(EndPointText.Parse($"unix:{Path.ChangeExtension(control, "nbd")}")), logger);
        }
    }

    // The one that is made at once, and may be refused, goes first.
    private static DiskHostStart Both(DiskHostStart ublk, DiskHostStart nbd) => (MpathDisk disk, string identity, ServeOptions options, CancellationToken cancellation) =>
    {
        IDiskHost export = nbd(disk, identity, options, cancellation);
        try
        {
            return new CombinedHost(ublk(disk, identity, options, cancellation), export);
        }
        catch
        {
            export.Dispose();
            throw;
        }
    };
}
