using BdevDriver;
using LibMultipath.Nbd.Client;
using LibMultipath.Paths;
using LibMultipath.Topology;
using Mpathd.Paths;

namespace Mpathd.Serving;

/// <summary>A path that is served, at one moment. Part of the answer to <c>status</c>: its names are only ever added to.</summary>
internal sealed record PathStatus
{
    /// <summary>In order of addition, from 0; never given again.</summary>
    public required int Number { get; init; }

    public required string Name { get; init; }

    /// <summary>optimized, non-optimized, inaccessible, failed, connecting, gone, disabled or removed.</summary>
    public required string State { get; init; }

    /// <summary>Whether I/O may be sent to it.</summary>
    public required bool Usable { get; init; }

    /// <summary>The NUMA node that it is near to; none if there is none.</summary>
    public int? Node { get; init; }

    /// <summary>The block device that it leads to, or the URI of the export; none if it leads to neither.</summary>
    public string? Device { get; init; }

    /// <summary>The state of that in the words of its driver: running, offline, live, gone and so on; connected, connecting and why.</summary>
    public string? DeviceState { get; init; }

    /// <summary>The id of that, whichever path it is reached by; none if it has none.</summary>
    public string? Wwid { get; init; }

    /// <summary>Attempts under way.</summary>
    public required int InFlight { get; init; }

    public required long Reads { get; init; }

    public required long ReadBytes { get; init; }

    public required long Writes { get; init; }

    public required long WriteBytes { get; init; }

    /// <summary>Flushes, discards and the like.</summary>
    public required long Others { get; init; }

    public required long Failovers { get; init; }

    public required long Retries { get; init; }

    public required long Errors { get; init; }

    /// <summary>Attempts that ended.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public long Ios => Reads + Writes + Others;

    /// <summary>How a path is now.</summary>
    public static PathStatus Of(ManagedPath path)
    {
        PathStatistics statistics = path.Device.Statistics;
        (string? device, string? state, string? wwid) = path.Device.Disk switch
        {
            BdevPath bdev => (bdev.File, bdev.DeviceState, bdev.UniqueId?.Text),
            NbdPath nbd => (nbd.Address.ToString(), nbd.ConnectionState, null),
            _ => default((string?, string?, string?)),
        };
        return new PathStatus
        {
            Number = path.Number,
            Name = path.Device.Name,
            State = path.State,
            Usable = path.Device.IsUsable,
            Node = path.Device.NumaNode == NumaNode.None ? null : path.Device.NumaNode,
            Device = device,
            DeviceState = state,
            Wwid = wwid,
            InFlight = statistics.InFlight,
            Reads = statistics.Io.Reads,
            ReadBytes = statistics.Io.ReadBytes,
            Writes = statistics.Io.Writes,
            WriteBytes = statistics.Io.WriteBytes,
            Others = statistics.Io.Others,
            Failovers = statistics.Failovers,
            Retries = statistics.Retries,
            Errors = statistics.Errors,
        };
    }
}
