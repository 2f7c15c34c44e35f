using System.Diagnostics;
using Xunit.Abstractions;

namespace LibMultipath.Tests.Reclamation;

/// <summary>What the processors do with a section's first loads, and what the process-wide barrier does about it.</summary>
[Collection(AloneCollection.Name)]
public sealed class SrcuLitmusTests(ITestOutputHelper output)
{
    private static readonly TimeSpan s_detectionLimit = TimeSpan.FromMinutes(2);

    /// <summary>An idle machine needs milliseconds, one with a load of thirty up to ten seconds.</summary>
    private static readonly TimeSpan s_controlLimit = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan s_least = TimeSpan.FromSeconds(2);

    [TwoCpusFact]
    public void A_load_before_the_section_that_should_hold_it_is_found_out() =>
        Assert.NotEqual(0, Run(LitmusKind.LateSection, s_detectionLimit, untilViolation: true));

    /// <remarks>
    /// The control says how much the run of the real barrier shows. It cannot be asked to go wrong: a virtual machine whose
    /// processors share one of the host's never runs two threads at the same time, and then nothing can.
    /// </remarks>
    [TwoCpusFact]
    public void The_process_wide_barrier_prevents_what_an_ordinary_barrier_lets_happen()
    {
        long start = Stopwatch.GetTimestamp();
        TimeSpan duration = s_least;
        if (Run(LitmusKind.OrdinaryBarrier, s_controlLimit, untilViolation: true) == 0)
        {
            output.WriteLine("Nothing went wrong with an ordinary barrier: on this machine, now, no run of the real one shows anything.");
        }
        else if (3 * Stopwatch.GetElapsedTime(start) is var longer && longer > duration)
        {
            // On a machine where the control took long, the real one has to stand longer.
            duration = longer;
        }

        Assert.Equal(0, Run(LitmusKind.ProcessWideBarrier, duration, untilViolation: false));
    }

    private long Run(LitmusKind kind, TimeSpan duration, bool untilViolation)
    {
        using SrcuLitmus litmus = new(kind);
        litmus.Run(duration, untilViolation);
        output.WriteLine($"{kind}: {litmus.Violations} violations, {litmus.GracePeriods} grace periods, {litmus.Overslept} overslept");
        Assert.NotEqual(0, litmus.GracePeriods);
        return litmus.Violations;
    }
}
