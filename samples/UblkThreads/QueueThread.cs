using LibMultipath.IoUring.Loops;
using LibMultipath.Ublk.Devices;
using LibMultipath.Ublk.Queues;

namespace UblkThreads;

/// <summary>A thread of this program's that drives one queue, for as long as the device gives requests.</summary>
internal static class QueueThread
{
    /// <summary>Starts the thread; the task ends with it, and fails if it does.</summary>
    public static Task Start(UblkDevice device, int queue, UblkTarget target) =>
        Task.Factory.StartNew(() => Drive(device, queue, target), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static void Drive(UblkDevice device, int queueId, UblkTarget target)
    {
        UblkQueue? queue = null;
        var loop = new RingLoop(UblkQueue.RingFor(device.Info.QueueDepth));
        try
        {
            loop.Attach();
            queue = new UblkQueue(device, queueId, loop, target);
            queue.Start();
            queue.Run(idleAfter: TimeSpan.FromSeconds(20));
        }
        finally
        {
            // The ring first: then nothing is under way in the memory that goes with the queue.
            loop.Dispose();
            queue?.Dispose();
        }
    }
}
