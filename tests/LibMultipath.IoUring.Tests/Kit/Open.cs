namespace LibMultipath.IoUring.Tests.Kit;

/// <summary>What this process has open and mapped.</summary>
internal static class Open
{
    public static int Descriptors
    {
        get
        {
            // What other tests have left to the collector goes now, and not between two counts.
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return Directory.GetFiles("/proc/self/fd").Length;
        }
    }

    public static int Rings => File.ReadLines("/proc/self/maps").Count(line => line.Contains("[io_uring]", StringComparison.Ordinal));

    public static int Mappings => File.ReadLines("/proc/self/maps").Count();
}
