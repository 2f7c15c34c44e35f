using Drivers.Tests.Kit;
using LibMultipath.Block;
using LibMultipath.IoUring.Tests.Kit;
using LibMultipath.Tests.Kit;
using LoopDriver;

namespace Drivers.Tests;

/// <summary>
/// What this assembly does when a test starts it as a program of its own: it opens a file as a path with few descriptors
/// left, and says what it sees.
/// </summary>
internal static class Program
{
    public static void Main(string[] arguments)
    {
        string file = arguments[0];

        // What is loaded on first use is loaded while files can be opened.
        using LoopPath ring = Open(file, LoopEngine.Ring);
        using LoopPath threads = Open(file, LoopEngine.Threads);
        Read(ring);
        Read(threads);
        Outcome(static () => throw new BlockException(Errno.EMFILE, "warming up"));

        var report = new StringWriter();
        foreach (int free in (int[])[0, 1, 2, 3, 5])
        {
            FewDescriptors.Leave(free);
            report.WriteLine($"{free} for a ring: {Try(free, () => Use(file, LoopEngine.Ring))}");
        }

        FewDescriptors.Leave(2);
        report.WriteLine($"2 for threads: {Try(2, () => Use(file, LoopEngine.Threads))}");
        FewDescriptors.Leave(5);
        report.WriteLine($"0 to restore: {Try(5, () => RestoreWithout(file))}");
        FewDescriptors.GiveBack();
        Console.Write(report);
    }

    private static string Try(int free, Func<string> use)
    {
        string outcome = Outcome(use);

        // A path's own thread closes its ring a moment after the path is gone.
        SpinWait.SpinUntil(() => FewDescriptors.Free() == free, Eventually.Limit);
        return $"{outcome}; {free - FewDescriptors.Free()} leaked";
    }

    private static string Outcome(Func<string> use)
    {
        try
        {
            return use();
        }
        catch (BlockException exception)
        {
            return exception.Message;
        }
    }

    private static string Use(string file, LoopEngine engine)
    {
        using LoopPath path = Open(file, engine);
        return $"{Read(path)}";
    }

    private static string RestoreWithout(string file)
    {
        using LoopPath path = Open(file, LoopEngine.Ring);
        path.Fail();
        int free = FewDescriptors.Free();
        FewDescriptors.Leave(0);
        string outcome = Assert.Throws<BlockException>(path.Restore).Message;
        Assert.True(path.IsFailed);
        FewDescriptors.Leave(free);
        path.Restore();
        return $"{outcome}, then {Read(path)}";
    }

    private static LoopPath Open(string file, LoopEngine engine) => LoopPath.Open("path", new LoopOptions { Engine = engine, File = file });

    private static BlockStatus Read(LoopPath path) => Flight.Run(path, Bio.Rent(BioOp.Read, 0, new byte[4096]));
}
