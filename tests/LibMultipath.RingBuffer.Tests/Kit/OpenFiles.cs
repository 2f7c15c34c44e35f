namespace LibMultipath.RingBuffer.Tests.Kit;

/// <summary>The descriptors of this process.</summary>
internal static class OpenFiles
{
    public static int Count()
    {
        // What other tests have left to the collector goes now, and not between two counts.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Directory.GetFileSystemEntries("/proc/self/fd").Length;
    }
}
