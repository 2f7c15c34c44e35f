using System.Diagnostics;
using Xunit.Abstractions;

namespace LibMultipath.Tests.Reclamation;

[Collection(AloneCollection.Name)]
public sealed class SrcuLitmusTests(ITestOutputHelper output)
{
    /// <summary>An idle machine needs milliseconds, one with a load of thirty up to ten seconds.</summary>
    private static readonly TimeSpan s_controlLimit = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan s_least = TimeSpan.FromSeconds(2);

    [TwoCpusFact]
    public void The_process_wide_barrier_prevents_what_an_ordinary_barrier_lets_happen()
    {
        long start = Stopwatch.GetTimestamp();
        using (SrcuLitmus control = new(ordinaryBarrier: true))
        {
            control.Run(s_controlLimit, untilViolation: true);
            output.WriteLine($"control: {control.Violations} violations, {control.GracePeriods} grace periods, {control.Overslept} overslept");
            Assert.True(
                control.Violations > 0,
                $"Inconclusive: with an ordinary barrier, which is wrong, nothing was seen to go wrong in {control.GracePeriods} grace periods, so a run of the real one would show nothing.");
        }

        // On a machine where the control took long, the real one has to stand longer.
        TimeSpan duration = 3 * Stopwatch.GetElapsedTime(start);
        using SrcuLitmus real = new(ordinaryBarrier: false);
        real.Run(duration > s_least ? duration : s_least, untilViolation: false);
        output.WriteLine($"real: {real.Violations} violations, {real.GracePeriods} grace periods, {real.Overslept} overslept");
        Assert.NotEqual(0, real.GracePeriods);
        Assert.Equal(0, real.Violations);
    }
}
