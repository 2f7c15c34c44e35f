using System.Diagnostics;

namespace LibMultipath.Tests.Kit;

/// <summary>
/// Waits for what another thread is about to do. The limit is there for a test that fails, not for one that is slow:
/// it is far beyond what a loaded machine needs.
/// </summary>
internal static class Eventually
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(IsInGuest ? 120 : 30);

    // Which is emulated where the host allows nothing else, beside whatever the host does.
    private static bool IsInGuest => Environment.GetEnvironmentVariable("VM_TESTS") == "here";

    public static void True(Func<bool> condition, string what, TimeSpan? limit = null)
    {
        TimeSpan patience = limit ?? Limit;
        long start = Stopwatch.GetTimestamp();
        SpinWait spin = default;
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start) >= patience)
            {
                Assert.Fail($"Waited {patience.TotalSeconds:0.###} s in vain for {what}.");
            }

            spin.SpinOnce();
        }
    }

    public static async Task TrueAsync(Func<bool> condition, string what, TimeSpan? limit = null)
    {
        TimeSpan patience = limit ?? Limit;
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start) >= patience)
            {
                Assert.Fail($"Waited {patience.TotalSeconds:0.###} s in vain for {what}.");
            }

            await Task.Delay(1);
        }
    }
}
