using LibMultipath.IoUring.Loops;
using LoopDriver;

namespace Drivers.Tests.Kit;

/// <summary>Paths with the ring engine, and loops that the calling thread drives.</summary>
internal static class Rings
{
    public static LoopPath Open(string file) => LoopPath.Open("path", new LoopOptions { File = file, Engine = LoopEngine.Ring });

    public static RingLoop Attach()
    {
        var loop = new RingLoop();
        loop.Attach();
        return loop;
    }

    /// <summary>Drives a loop until so many have ended: the ends come on this thread.</summary>
    public static void Turn(RingLoop loop, Flight flight, int ends)
    {
        while (flight.Ended < ends)
        {
            loop.Poll(TimeSpan.FromMilliseconds(100));
        }
    }
}
