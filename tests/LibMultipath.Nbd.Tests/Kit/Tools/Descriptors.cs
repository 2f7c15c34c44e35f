namespace LibMultipath.Nbd.Tests.Kit.Tools;

/// <summary>What this process has open.</summary>
internal static class Descriptors
{
    public static int Sockets => Directory.GetFiles("/proc/self/fd").Count(IsSocket);

    /// <summary>How many threads have a name that begins so (with 15 characters at the most).</summary>
    public static int Threads(string name) => Directory.GetDirectories("/proc/self/task").Count(task => NameOf(task).StartsWith(name, StringComparison.Ordinal));

    private static bool IsSocket(string descriptor)
    {
        try
        {
            return File.ResolveLinkTarget(descriptor, returnFinalTarget: false)?.Name.StartsWith("socket:", StringComparison.Ordinal) == true;
        }
        catch (IOException)
        {
            // Closed since.
            return false;
        }
    }

    private static string NameOf(string task)
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, "comm"));
        }
        catch (IOException)
        {
            return "";
        }
    }
}
