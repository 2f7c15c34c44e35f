using System.Diagnostics;
using System.Runtime.InteropServices;

namespace LibMultipath.IoUring.Tests.Kit;

/// <summary>
/// A process without descriptors: the test's own assembly, started as a program under a low limit (RLIMIT_NOFILE). The
/// test host itself would not live through that.
/// </summary>
internal static partial class FewDescriptors
{
    private const string Limit = "128";

    private static readonly Stack<int> s_taken = new();

    /// <summary>Starts this assembly as a program under the limit, and waits for it.</summary>
    /// <returns>What it said.</returns>
    public static string Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string word in (string[])["-c", $"ulimit -n {Limit}; exec dotnet \"$@\"", "sh", typeof(FewDescriptors).Assembly.Location, .. arguments])
        {
            start.ArgumentList.Add(word);
        }

        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"It ended with {process.ExitCode}: {output}{errors.Result}");
        return output;
    }

    /// <summary>In the program: takes all descriptors but so many, whatever was taken before.</summary>
    public static void Leave(int free)
    {
        Take();
        while (free-- > 0)
        {
            GiveOne();
        }
    }

    /// <summary>In the program: gives back all that were taken.</summary>
    public static void GiveBack()
    {
        while (s_taken.Count > 0)
        {
            GiveOne();
        }
    }

    /// <summary>In the program: how many descriptors are free. Nobody else may be about to take or to give one.</summary>
    public static int Free()
    {
        int before = s_taken.Count;
        Take();
        int free = s_taken.Count - before;
        while (s_taken.Count > before)
        {
            GiveOne();
        }

        return free;
    }

    private static void Take()
    {
        for (int copy; (copy = Duplicate(0)) >= 0;)
        {
            s_taken.Push(copy);
        }
    }

    private static void GiveOne() => Close(s_taken.Pop());

    [LibraryImport("libc", EntryPoint = "dup")]
    private static partial int Duplicate(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
