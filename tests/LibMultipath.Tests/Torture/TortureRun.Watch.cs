using System.Collections;
using System.Diagnostics;
using System.Reflection;
using LibMultipath.Block;

namespace LibMultipath.Tests.Torture;

// The watch: a hang is told from slowness by the progress of I/O, and explained.
internal sealed partial class TortureRun
{
    private static readonly TimeSpan s_patienceAfterFailure = TimeSpan.FromSeconds(5);

    private async Task WatchAsync()
    {
        long ended = -1;
        long since = Stopwatch.GetTimestamp();
        while (!_plan.IsDone || !_submitters.All(submitter => submitter.IsDone))
        {
            await Task.Delay(100);
            Topology.CurrentNode ^= 1;
            long now = Ended;
            if (now != ended)
            {
                ended = now;
                since = Stopwatch.GetTimestamp();
            }
            else if (Stopwatch.GetElapsedTime(since) > (Verdict.HasFailed ? s_patienceAfterFailure : Options.Patience))
            {
                // What went wrong first is more likely the cause than the hang.
                _output.WriteLine(Dump());
                FailIfFailed();
                Assert.Fail($"Seed {Options.Seed}: no I/O has ended for {Options.Patience.TotalSeconds} s after {ended:N0} I/Os. The output tells where each is.");
            }
        }
    }

    /// <summary>Where everything is that has not ended.</summary>
    private string Dump()
    {
        using var writer = new StringWriter();
        writer.WriteLine($"{Ended:N0} I/Os ended; {Verdict}");
        writer.WriteLine($"requeue list {Disk.WaitingCount}, head generation {Head.Generation}, readers {Head.Srcu.ReadersInFlight}, disk live {Disk.IsLive}, policy {Head.Policy}");
        writer.Write(_plan.Describe());
        foreach (TortureSubmitter submitter in _submitters)
        {
            writer.WriteLine($"submitter {submitter.Number}: {(submitter.IsDone ? "done" : "running")}");
            foreach (TortureSlot slot in submitter.Slots)
            {
                if (slot.IsOutstanding && slot.Bio is { } bio)
                {
                    writer.WriteLine($"  {slot}");
                    Describe(writer, bio, "    ");
                }
            }
        }

        return writer.ToString();
    }

    private static void Describe(StringWriter writer, Bio bio, string indent)
    {
        string where = bio.WaitingOn is { } list ? $"waits on a list of {list.Count}"
            : bio.CurrentAttempt.IsUnderWay ? "is with the driver"
            : "is nowhere";
        writer.WriteLine($"{indent}{bio.Op} {bio.Sector}+{bio.Size >> TortureBlock.Shift} ({bio.Flags}) {where}, device {bio.Device?.Name ?? "none"}, "
            + $"submitted {bio.IsSubmitted}, cancel asked {bio.CancelRequested}, {Field(bio, "_cancellation")}, next {(bio.Next is null ? "none" : "some")}");
        if (Field(bio, "_compound") is BioCompound { IsActive: true } compound && Field(compound, "_parts") is IEnumerable parts)
        {
            writer.WriteLine($"{indent}in parts, {Field(compound, "_remaining")} to come, steps left {Field(compound, "_steps")}:");
            foreach (Bio part in parts.Cast<Bio>().ToArray())
            {
                Describe(writer, part, indent + "  ");
            }
        }
    }

    // What nobody needs to know but somebody who looks for a bug.
    private static object? Field(object of, string name) =>
        of.GetType().GetField(name, BindingFlags.Instance | BindingFlags.NonPublic)?.GetValue(of);
}
