namespace VmHarness.Machines;

/// <summary>What the kernel below this process offers.</summary>
internal static class OwnKernel
{
    private const string Control = "/dev/ublk-control";

    private static readonly Lazy<bool> s_hasUblk = new(CanOpenControl);

    public static bool HasUblk => s_hasUblk.Value;

    public static bool Is(string kernel) =>
        File.ReadAllText("/proc/sys/kernel/osrelease").StartsWith(kernel + ".", StringComparison.Ordinal);

    private static bool CanOpenControl()
    {
        if (!File.Exists(Control))
        {
            return false;
        }

        try
        {
            using var handle = File.OpenHandle(Control, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
