using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Devices;

namespace LibMultipath.Ublk.Queues;

/// <summary>What a queue has to know of its device.</summary>
/// <param name="DeviceId">The device's number.</param>
/// <param name="Queues">How many queues it has.</param>
/// <param name="QueueDepth">How many tags a queue has.</param>
/// <param name="MaxIoBytes">The longest request.</param>
/// <param name="Features">What it was added with.</param>
/// <param name="Shared">The memory that clients share with the server; null for none.</param>
internal sealed record UblkQueueShape(int DeviceId, int Queues, int QueueDepth, int MaxIoBytes, UblkFeatures Features, UblkSharedMemory? Shared = null)
{
    public static UblkQueueShape Of(UblkDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        UblkDeviceInfo info = device.Info;
        return new UblkQueueShape(info.Id, info.Queues, info.QueueDepth, info.MaxIoBytes, info.Features, device.SharedMemory);
    }
}
