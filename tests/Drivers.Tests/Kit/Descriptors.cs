namespace Drivers.Tests.Kit;

/// <summary>The descriptors of this process, as the kernel has them.</summary>
internal static class Descriptors
{
    /// <summary>The numbers under which a file is open.</summary>
    public static int[] Of(string file) =>
    [
        .. from link in Directory.EnumerateFiles("/proc/self/fd")
           where TargetOf(link) == file
           select int.Parse(Path.GetFileName(link), System.Globalization.CultureInfo.InvariantCulture),
    ];

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
}
