using LibMultipath.IoUring.Loops;
using LibMultipath.IoUring.Tests.Kit;

namespace LibMultipath.IoUring.Tests;

/// <summary>What this assembly does when a test starts it as a program of its own: it runs out of descriptors, and says what it sees.</summary>
internal static class Program
{
    public static void Main()
    {
        // What is loaded on first use is loaded while files can be opened.
        Try(0, UseRing);
        Try(0, UseLoop);
        Try(0, static () => throw new RingException(Block.Errno.EMFILE, "warming up"));

        var report = new StringWriter();
        foreach (int free in (int[])[0, 1, 2])
        {
            FewDescriptors.Leave(free);
            report.WriteLine($"{free} for a ring: {Try(free, UseRing)}");
            report.WriteLine($"{free} for a loop: {Try(free, UseLoop)}");
        }

        FewDescriptors.GiveBack();
        Console.Write(report);
    }

    private static string Try(int free, Action use)
    {
        string outcome = "it works";
        try
        {
            use();
        }
        catch (RingException exception)
        {
            outcome = exception.Message;
        }

        return $"{outcome}; {free - FewDescriptors.Free()} leaked";
    }

    private static void UseRing()
    {
        using Ring ring = RingExtensions.MakeRing();
        ring.GetSqe(7).PrepNop();
        Assert.Equal(7ul, ring.Next().UserData);
    }

    private static void UseLoop()
    {
        using var loop = new RingLoop();
        loop.Attach();
        var operation = new Operation();
        loop.Prepare(operation).PrepNop();
        while (operation.IsUnderWay)
        {
            loop.Poll(Timeout.InfiniteTimeSpan);
        }
    }
}
