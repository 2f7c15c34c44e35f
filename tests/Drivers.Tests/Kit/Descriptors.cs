using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using LibMultipath.Tests.Kit;
using Microsoft.Win32.SafeHandles;

namespace Drivers.Tests.Kit;

/// <summary>The descriptors of this process, as the kernel has them.</summary>
internal static partial class Descriptors
{
    private const int DuplicateCloseOnExec = 1030; // F_DUPFD_CLOEXEC

    /// <summary>The numbers under which a file is open.</summary>
    public static int[] Of(string file) =>
    [
        .. from link in Directory.EnumerateFiles("/proc/self/fd")
           where TargetOf(link) == file
           select int.Parse(Path.GetFileName(link), System.Globalization.CultureInfo.InvariantCulture),
    ];

    /// <summary>Opens a file again under a number, the moment that number is free: this waits without a pause.</summary>
    public static SafeFileHandle Take(int number, SafeFileHandle file)
    {
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < Eventually.Limit; Thread.Yield())
        {
            // The lowest one that is free, from that number on.
            int free = Control(file, DuplicateCloseOnExec, number);
            if (free < 0)
            {
                throw new Win32Exception(Marshal.GetLastPInvokeError());
            }

            var copy = new SafeFileHandle(free, ownsHandle: true);
            if (free == number)
            {
                return copy;
            }

            copy.Dispose();
        }

        throw new TimeoutException($"The number {number} is still that of {TargetOf($"/proc/self/fd/{number}")}.");
    }

    private static string? TargetOf(string link)
    {
        try
        {
            return new FileInfo(link).LinkTarget;
        }
        catch (IOException)
        {
            // Another thread has closed it since it was listed.
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, int command, int argument);
}
