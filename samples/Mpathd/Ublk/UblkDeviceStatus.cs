using LibMultipath.Block;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Parameters;

namespace Mpathd.Ublk;

/// <summary>A ublk device, whoever serves it, as <c>mpathd ublk</c> tells it. Its names are a contract, and only ever added to.</summary>
internal sealed record UblkDeviceStatus
{
    public required int Id { get; init; }

    /// <summary>dead, live, quiesced (it waits for a server, as does its I/O) or fail-io (it waits, and its I/O fails).</summary>
    public required string State { get; init; }

    public required string BlockPath { get; init; }

    public required int Queues { get; init; }

    public required int QueueDepth { get; init; }

    /// <summary>The largest request.</summary>
    public required int MaxIoBytes { get; init; }

    /// <summary>The process that serves it; none if there is none.</summary>
    public int? ServerPid { get; init; }

    public required uint OwnerUid { get; init; }

    public required uint OwnerGid { get; init; }

    /// <summary>By their kernel names, without UBLK_F_.</summary>
    public required IReadOnlyList<string> Features { get; init; }

    /// <summary>None when the parameters cannot be had.</summary>
    public long? CapacityBytes { get; init; }

    public int? LogicalBlockBytes { get; init; }

    public bool? ReadOnly { get; init; }

    /// <summary>Makes it of what the kernel says.</summary>
    /// <param name="info">The device.</param>
    /// <param name="parameters">Its parameters; null when they cannot be had.</param>
    public static UblkDeviceStatus Of(UblkDeviceInfo info, UblkParameters? parameters) => new()
    {
        Id = info.Id,
        State = NameOf(info.State),
        BlockPath = info.BlockPath,
        Queues = info.Queues,
        QueueDepth = info.QueueDepth,
        MaxIoBytes = info.MaxIoBytes,
        ServerPid = info.ServerPid > 0 ? info.ServerPid : null,
        OwnerUid = info.OwnerUid,
        OwnerGid = info.OwnerGid,
        Features = info.Features.Names(),
        CapacityBytes = parameters?.DevSectors * QueueLimits.SectorSize,
        LogicalBlockBytes = parameters?.LogicalBlockSize,
        ReadOnly = parameters is null ? null : (parameters.Attributes & UblkAttributes.ReadOnly) != 0,
    };

    private static string NameOf(UblkDeviceState state) => state switch
    {
        UblkDeviceState.Dead => "dead",
        UblkDeviceState.Live => "live",
        UblkDeviceState.Quiesced => "quiesced",
        UblkDeviceState.FailIo => "fail-io",
        _ => $"state {(int)state}",
    };
}
