using LibMultipath.Block;
using Microsoft.Win32.SafeHandles;

namespace LoopDriver;

/// <summary>
/// Carries out what is on a queue with threads of the path's own: the pool's may all be waiting for this disk. They end
/// when the queue does.
/// </summary>
internal static class LoopThreads
{
    public static void Start(string name, int count, LoopQueue queue)
    {
        for (int i = 0; i < count; i++)
        {
            new Thread(() => Work(queue)) { IsBackground = true, Name = $"{name}/{i}" }.Start();
        }
    }

    private static void Work(LoopQueue queue)
    {
        using var io = new LoopIo();
        while (queue.WaitForNext(out BioAttempt attempt, out SafeFileHandle file))
        {
            CarryOut(attempt, io, file);
        }
    }

    private static void CarryOut(BioAttempt attempt, LoopIo io, SafeFileHandle file)
    {
        var ending = new LoopEnding(attempt);
        BlockStatus status;
        try
        {
            status = io.CarryOut(file, attempt.Bio);
        }
        catch (ObjectDisposedException)
        {
            attempt.FailPath(BlockStatus.Transport);
            return;
        }

        ending.End(status);
    }
}
