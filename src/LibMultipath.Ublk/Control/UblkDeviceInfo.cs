using LibMultipath.Ublk.Abi;

namespace LibMultipath.Ublk.Control;

/// <summary>What the kernel says of a device: <c>struct ublksrv_ctrl_dev_info</c>.</summary>
/// <param name="Id">The N of /dev/ublkcN and /dev/ublkbN.</param>
/// <param name="Queues">Queues that were made, at most one a CPU.</param>
/// <param name="QueueDepth">Requests of a queue that are under way at a time.</param>
/// <param name="State">Where the device is in its life.</param>
/// <param name="MaxIoBytes">The largest request, in bytes.</param>
/// <param name="ServerPid">The process that serves it; -1: none, or one that cannot be seen from here.</param>
/// <param name="Features">What it was added with, less what the kernel cleared, plus what the kernel always does.</param>
/// <param name="OwnerUid">Whose it is.</param>
/// <param name="OwnerGid">Whose group's it is.</param>
/// <param name="ServerData">What its server gave when it added the device (<c>ublksrv_flags</c>); the driver makes nothing of it.</param>
public sealed record UblkDeviceInfo(
    int Id,
    int Queues,
    int QueueDepth,
    UblkDeviceState State,
    int MaxIoBytes,
    int ServerPid,
    UblkFeatures Features,
    uint OwnerUid,
    uint OwnerGid,
    ulong ServerData)
{
    /// <summary>The device that its server opens.</summary>
    public string CharPath => PathOfChar(Id);

    /// <summary>The disk; it is there while the device is started.</summary>
    public string BlockPath => $"/dev/ublkb{Id}";

    internal static string PathOfChar(int id) => $"/dev/ublkc{id}";

    internal static UblkDeviceInfo FromAbi(in ublksrv_ctrl_dev_info read) => new(
        (int)read.dev_id,
        read.nr_hw_queues,
        read.queue_depth,
        (UblkDeviceState)read.state,
        (int)read.max_io_buf_bytes,
        read.ublksrv_pid,
        (UblkFeatures)read.flags,
        read.owner_uid,
        read.owner_gid,
        read.ublksrv_flags);
}
