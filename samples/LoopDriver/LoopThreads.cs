using LibMultipath.Block;
using Microsoft.Win32.SafeHandles;

namespace LoopDriver;

/// <summary>
/// Carries out what is on a queue with threads of the path's own: the pool's may all be waiting for this disk. They end
/// when the queue does.
/// </summary>
internal static class LoopThreads
{
    /// <summary>Starts so many threads for what is on a queue.</summary>
    /// <exception cref="BlockException">There can be none; those that were started have ended with the queue.</exception>
    public static void Start(string name, int count, LoopQueue queue, DescriptorTarget target)
    {
        try
        {
            for (int i = 0; i < count; i++)
            {
                Start($"{name}/{i}", () => Work(queue, target));
            }
        }
        catch
        {
            queue.Stop();
            throw;
        }
    }

    /// <summary>Starts a thread.</summary>
    /// <exception cref="BlockException">There can be none (EAGAIN); the message says what to do.</exception>
    public static void Start(string name, ThreadStart work)
    {
        try
        {
            new Thread(work) { IsBackground = true, Name = name }.Start();
        }
        catch (OutOfMemoryException)
        {
            // The runtime's word for whatever a thread lacks; for a moment it has two descriptors.
            throw new BlockException(Errno.EAGAIN,
                $"the thread {name} cannot be started: descriptors, threads or memory are short; raise the limits with ulimit -n and -u, or LimitNOFILE= and TasksMax=");
        }
    }

    private static void Work(LoopQueue queue, DescriptorTarget target)
    {
        using var io = new LoopIo(target);
        while (queue.WaitForNext(out BioAttempt attempt, out SafeFileHandle file))
        {
            io.CarryOut(attempt, file);
        }
    }
}
