using System.Text;

namespace VmHarness.Guest;

/// <summary>Where the threads of this process are in the kernel.</summary>
internal static class ThreadDump
{
    public static string OfThisProcess()
    {
        var text = new StringBuilder("--- threads\n");
        foreach (var folder in Directory.EnumerateDirectories("/proc/self/task"))
        {
            text.Append(Path.GetFileName(folder)).Append(' ').Append(Read(folder, "comm")).Append(": ")
                .Append(Read(folder, "wchan")).Append(", system call ").Append(Read(folder, "syscall")).Append('\n');
            foreach (var frame in Read(folder, "stack").Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                text.Append("    ").Append(frame).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Read(string folder, string name)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, name)).Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "?"; // The thread has ended meanwhile, or its stack is for root only.
        }
    }
}
