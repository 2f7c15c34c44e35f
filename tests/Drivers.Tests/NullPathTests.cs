using Drivers.Tests.Kit;
using FsCheck;
using FsCheck.Fluent;
using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Paths;
using LibMultipath.Selection;
using LibMultipath.Tests.Kit;
using NullDriver;
using Xunit.Abstractions;

namespace Drivers.Tests;

public sealed class NullPathTests(ITestOutputHelper output)
{
    private static readonly TimeSpan s_forEver = TimeSpan.FromDays(1);

    [Theory]
    [InlineData(BioOp.Read)]
    [InlineData(BioOp.Write)]
    public void Without_latency_an_attempt_ends_inside_the_submission(BioOp op)
    {
        using var path = new NullPath("null", new NullOptions());
        using var flight = new Flight();
        byte[] memory = [.. Enumerable.Repeat((byte)3, 4096)];
        flight.Submit(path, Bio.Rent(op, 0, memory));
        Assert.Equal(1, flight.Ended);
        Assert.Equal(BlockStatus.Ok, Assert.Single(flight.Statuses));
        Assert.All(memory, value => Assert.Equal(3, value));
        Assert.Equal(default, path.AchievedLatency);
    }

    [Fact]
    public void A_latency_of_50_microseconds_is_kept_and_reported()
    {
        using var path = new NullPath("null", new NullOptions { Latency = TimeSpan.FromMicroseconds(50) });
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(BlockStatus.Ok, Flight.Run(path, Bio.Rent(BioOp.Write, i, new byte[512])));
        }

        LatencyReport report = path.AchievedLatency;
        Assert.Equal(100, report.Count);
        Assert.True(report.P50 >= TimeSpan.FromMicroseconds(50), $"{report}");
        Assert.True(report.Mean >= TimeSpan.FromMicroseconds(50), $"{report}");
        Assert.True(report.P50 <= report.P99 && report.P99 <= report.Max, $"{report}");
    }

    [Fact]
    public void The_percentiles_of_a_report_are_within_a_sixteenth_of_the_true_ones() =>
        Prop.ForAll<PositiveInt[]>(values =>
        {
            var histogram = new LatencyHistogram();
            long[] sorted = [.. values.Select(value => value.Get * 1000L).Order()];
            Array.ForEach(sorted, histogram.Record);
            LatencyReport report = histogram.Report();
            return report.Count == sorted.Length && (sorted.Length == 0 || (IsNear(report.P50, 0.5) && IsNear(report.P99, 0.99)
                && report.Max.TotalNanoseconds == sorted[^1] && Math.Abs(report.Mean.TotalNanoseconds - sorted.Average()) <= 100));

            bool IsNear(TimeSpan reported, double share)
            {
                double exact = sorted[(int)Math.Ceiling(sorted.Length * share) - 1];
                return reported.TotalNanoseconds >= exact - 100 && reported.TotalNanoseconds <= exact * 17 / 16;
            }
        }).Check(Seeds.Config(output));

    [Fact]
    public void Attempts_with_a_latency_end_in_the_order_in_which_they_came()
    {
        using var path = new NullPath("null", new NullOptions { Latency = TimeSpan.FromMilliseconds(5) });
        var order = new List<long>();
        Bio[] bios = [.. Enumerable.Range(0, 50).Select(i => Bio.Rent(BioOp.Write, i, new byte[512]))];
        using var done = new CountdownEvent(bios.Length);
        foreach (Bio bio in bios)
        {
            bio.EndIo = ended =>
            {
                order.Add(ended.Sector);
                done.Signal();
            };
            path.Submit(bio);
        }

        Assert.True(done.Wait(Eventually.Limit));
        Assert.Equal(Enumerable.Range(0, 50).Select(i => (long)i), order);
        Array.ForEach(bios, bio => bio.Dispose());
    }

    [Fact]
    public void Random_faults_come_with_their_probability_and_the_same_ones_from_the_same_seed()
    {
        bool[][] runs = [.. Enumerable.Range(0, 2).Select(_ => Run(seed: 7)), Run(seed: 8)];
        Assert.Equal(runs[0], runs[1]);
        Assert.NotEqual(runs[0], runs[2]);
        Assert.InRange(runs[0].Count(faulty => faulty), 200, 400);

        static bool[] Run(int seed)
        {
            using var path = new NullPath("null", new NullOptions { Fault = Faults.Randomly(BlockStatus.Medium, 0.3, seed) });
            return [.. Enumerable.Range(0, 1000).Select(i => Flight.Run(path, Bio.Rent(BioOp.Read, i, new byte[512])) == BlockStatus.Medium)];
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_fault_of_the_path_is_no_fault_of_the_disk(int latencyMilliseconds)
    {
        using var rig = new Rig();
        var latency = TimeSpan.FromMilliseconds(latencyMilliseconds);
        MpathDevice faulty = rig.Add(new NullOptions { Latency = latency, Fault = _ => BlockStatus.Transport }).Path!;
        rig.Add(new NullOptions { Latency = latency });
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(BlockStatus.Ok, Flight.Run(rig.Disk, Bio.Rent(BioOp.Write, i, new byte[512])));
        }

        Assert.NotEqual(0, faulty.Statistics.Failovers);
    }

    [Fact]
    public void A_path_that_fails_gives_back_what_is_in_flight_and_comes_back()
    {
        using var path = new NullPath("null", new NullOptions { Latency = s_forEver });
        using var flight = new Flight();
        for (int i = 0; i < 32; i++)
        {
            flight.Submit(path, Bio.Rent(BioOp.Write, i, new byte[512]));
        }

        path.Fail();
        flight.Wait();
        Assert.All(flight.Statuses, status => Assert.Equal(BlockStatus.Transport, status));
        Assert.Equal(BlockStatus.Transport, Flight.Run(path, Bio.Rent(BioOp.Write, 0, new byte[512])));
        Assert.Equal(0, path.AchievedLatency.Count);

        path.Restore();
        using var second = new Flight();
        second.Submit(path, Bio.Rent(BioOp.Write, 0, new byte[512]));
        Assert.Equal(0, second.Ended);
        path.Dispose();
        second.Wait();
        Assert.Throws<ObjectDisposedException>(path.Restore);
    }

    [Fact]
    public void Without_latency_it_fails_and_comes_back_too()
    {
        using var path = new NullPath("null", new NullOptions());
        path.Fail();
        Assert.Equal(BlockStatus.Transport, Flight.Run(path, Bio.Rent(BioOp.Write, 0, new byte[512])));
        path.Restore();
        Assert.Equal(BlockStatus.Ok, Flight.Run(path, Bio.Rent(BioOp.Write, 0, new byte[512])));
    }

    [Fact]
    public void A_path_removed_with_32_writes_in_flight_loses_none()
    {
        using var rig = new Rig();
        NullPath slow = rig.Add(new NullOptions { Latency = s_forEver });
        using var flight = new Flight();
        for (int i = 0; i < 32; i++)
        {
            flight.Submit(rig.Disk, Bio.Rent(BioOp.Write, i, new byte[512]));
        }

        MpathDevice other = rig.Add(new NullOptions()).Path!;
        rig.Head.Remove(slow.Path!);
        flight.Wait();
        Assert.All(flight.Statuses, status => Assert.Equal(BlockStatus.Ok, status));
        Assert.Equal(32, other.Statistics.Io.Writes);
        Assert.True(slow.IsFailed);
    }

    [Fact]
    public void All_paths_failed_in_flight_the_IO_waits_for_the_first_that_is_restored()
    {
        using var rig = new Rig();
        NullPath[] paths = [rig.Add(new NullOptions { Latency = s_forEver }), rig.Add(new NullOptions { Latency = s_forEver })];
        using var flight = new Flight();
        for (int i = 0; i < 32; i++)
        {
            flight.Submit(rig.Disk, Bio.Rent(BioOp.Write, i, new byte[512]));
        }

        Array.ForEach(paths, path => path.Fail());
        Assert.Equal(0, flight.Ended);
        rig.Add(new NullOptions());
        flight.Wait();
        Assert.All(flight.Statuses, status => Assert.Equal(BlockStatus.Ok, status));
    }

    [Fact]
    public async Task An_attempt_is_given_back_when_its_submitter_asks()
    {
        using var path = new NullPath("null", new NullOptions { Latency = s_forEver });
        using var source = new CancellationTokenSource();
        ValueTask<BlockStatus> kept = path.WriteAsync(0, new byte[512]);
        ValueTask<BlockStatus> asked = path.WriteAsync(1, new byte[512], cancellationToken: source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await asked);
        Assert.False(kept.IsCompleted);
        path.Fail();
        Assert.Equal(BlockStatus.Transport, await kept);
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new NullPath("null", new NullOptions { Latency = TimeSpan.FromTicks(-1) }));
        Assert.Throws<ArgumentException>(() => new NullPath("null", new NullOptions { CapacitySectors = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Faults.Randomly(BlockStatus.Medium, 1.5, seed: 1));
    }

    private sealed class Rig : IDisposable
    {
        private int _ids;

        public Rig()
        {
            Head = new MpathHead("head", new NullHeadTemplate(new MpathIoPolicy(IoPolicies.RoundRobin)));
            Disk = new MpathDisk(Head);
        }

        public MpathHead Head { get; }

        public MpathDisk Disk { get; }

        public NullPath Add(NullOptions options)
        {
            int id = _ids++;
            var path = new NullPath($"path{id}", options);
            path.AddTo(Head, new MpathController(id));
            return path;
        }

        public void Dispose()
        {
            foreach (MpathDevice path in Head.Paths)
            {
                Head.Remove(path);
            }

            Disk.Dispose();
            Head.Dispose();
        }
    }
}
