using System.Runtime.InteropServices;

namespace LibMultipath.Tests.Reclamation;

/// <summary>Keeps threads of a test on processors of their own (Linux; elsewhere nothing happens).</summary>
internal static unsafe partial class Processors
{
    private const int SetWords = 16; // 1024 processors, the kernel's and the C library's default.
    private const int Process = 0; // PRIO_PROCESS, which for Linux is a thread
    private const int Preferred = -10;

    /// <summary>Binds the calling thread to one of the processors that it may use: counted from 0, modulo their number.</summary>
    internal static void BindCallingThread(int number)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }
        ulong* set = stackalloc ulong[SetWords];
        new Span<ulong>(set, SetWords).Clear();
        if (GetAffinity(0, SetWords * sizeof(ulong), set) < 0)
        {
            return;
        }
        int[] usable = [.. Enumerable.Range(0, SetWords * 64).Where(cpu => (set[cpu / 64] & (1UL << (cpu % 64))) != 0)];
        int chosen = usable[number % usable.Length];
        new Span<ulong>(set, SetWords).Clear();
        set[chosen / 64] = 1UL << (chosen % 64);
        Assert.Equal(0, SetAffinity(0, SetWords * sizeof(ulong), set));
    }

    /// <summary>
    /// Gives the calling thread nine times the processor that others get, where that is allowed: it goes on as before where
    /// it is not.
    /// </summary>
    internal static void PreferCallingThread()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = SetPriority(Process, 0, Preferred);
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int priority);

    [LibraryImport("libc", EntryPoint = "sched_getaffinity")]
    private static partial int GetAffinity(int thread, nuint size, ulong* set);

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static partial int SetAffinity(int thread, nuint size, ulong* set);
}
