using System.Collections.Concurrent;
using System.Diagnostics;

namespace LibMultipath.Nbd.Tests.Kit.Tools;

/// <summary>
/// Starts processes that do not outlive this one. The kernel ends such a process when the thread that has started it ends,
/// so one thread starts them all, and never ends.
/// </summary>
internal static class Spawner
{
    private static readonly BlockingCollection<Action> s_orders = Begin();

    /// <summary>Starts a program. Its output can be read from the process.</summary>
    public static Process Start(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(ToolBox.Find("setpriv"), ["--pdeathsig", "KILL", "--", ToolBox.Find(program), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LC_ALL"] = "C";
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        s_orders.Add(() =>
        {
            try
            {
                started.SetResult(Process.Start(start)!);
            }
            catch (Exception exception)
            {
                started.SetException(exception);
            }
        });
        Process process = started.Task.GetAwaiter().GetResult();
        process.StandardInput.Close();
        return process;
    }

    private static BlockingCollection<Action> Begin()
    {
        var orders = new BlockingCollection<Action>();
        new Thread(() =>
        {
            foreach (Action order in orders.GetConsumingEnumerable())
            {
                order();
            }
        })
        { IsBackground = true, Name = "spawner" }.Start();
        return orders;
    }
}
