using LibMultipath.Tests.Kit;

namespace LibMultipath.IoUring.Tests.Kit;

internal static class OtherThread
{
    /// <summary>Runs something on a thread of its own and waits for it.</summary>
    /// <returns>What it threw; null if nothing.</returns>
    public static Exception? Run(Action action)
    {
        Exception? thrown = null;
        Thread thread = Start(() => thrown = Record.Exception(action));
        Join(thread);
        return thrown;
    }

    public static Thread Start(Action action)
    {
        var thread = new Thread(() => action()) { IsBackground = true };
        thread.Start();
        return thread;
    }

    public static void Join(Thread thread) => Assert.True(thread.Join(Eventually.Limit), "The thread does not end.");
}
