using LibMultipath.Block;
using LibMultipath.Tests.Kit;
using Xunit.Abstractions;

namespace LibMultipath.Tests.Block;

/// <summary>
/// Requests at random moments, against completions, retries, splits and steps, with bios that go through the pool.
/// Every submission has a tag of its own, and the driver completes with what the tag says: a submission that a request
/// or completion of another one disturbs ends with the wrong status, twice, or not at all.
/// </summary>
public sealed class CancellationStressTests(ITestOutputHelper output)
{
    private const int Submitters = 4;
    private const int Rounds = 2000;

    private static readonly QueueLimits s_limits = new() { MaxSectors = 8, Features = QueueFeatures.WriteCache };

    private int _disposedFirst;

    [Fact]
    public async Task Every_submission_ends_once_and_disturbs_no_other()
    {
        int seed = Seeds.Next(output);
        using var disk = new RacyDisk(s_limits, seed);
        var tallies = await Task.WhenAll(Enumerable.Range(0, Submitters).Select(i => Task.Run(() => Submit(disk, seed + i))))
            .WaitAsync(TimeSpan.FromMinutes(5));

        int done = tallies.Sum(tally => tally.Done);
        int cancelled = tallies.Sum(tally => tally.Cancelled);
        output.WriteLine($"{done} done, {cancelled} cancelled, {disk.Aborted} given back by abort, {_disposedFirst} sources disposed first.");
        Assert.Equal(Submitters * Rounds, done + cancelled);
        Assert.True(done > 100 && cancelled > 100, "The requests do not race.");
        Assert.Equal(0, disk.Lost);
        Assert.Equal(0, disk.UnderWay);
    }

    private async Task<(int Done, int Cancelled)> Submit(RacyDisk disk, int seed)
    {
        var random = new Random(seed);
        int done = 0;
        int cancelled = 0;
        byte[] memory = new byte[5 * 4096];
        for (int round = 0; round < Rounds; round++)
        {
            using var source = new CancellationTokenSource();
            using Bio bio = random.Next(3) switch
            {
                0 => Bio.Rent(BioOp.Read, 0, memory.AsMemory(0, 4096)),
                1 => Bio.Rent(BioOp.Read, 0, memory),
                _ => Bio.Rent(BioOp.Write, 0, memory.AsMemory(0, 8192), BioFlags.PreFlush | BioFlags.Fua),
            };
            int kind = random.Next(5);
            Task cancel = kind switch
            {
                0 => Task.Run(() => CancelAfter(source, random.Next(2000))),
                1 => Task.Run(() => CancelAfter(source, 0)),
                _ => Task.CompletedTask,
            };
            bool asked = kind <= 2;
            try
            {
                // Something else with the same memory: it must be neither cancelled nor ended by the requests of the first.
                using Bio other = Bio.Rent(BioOp.Read, 64, memory.AsMemory(0, 4096));
                ValueTask<BlockStatus> undisturbed = disk.SubmitAsync(other);
                ValueTask<BlockStatus> task = disk.SubmitAsync(bio, source.Token);
                if (kind == 2)
                {
                    CancelAfter(source, random.Next(50));
                }

                Assert.Equal(BlockStatus.Ok, await undisturbed);
                Assert.Equal(BlockStatus.Ok, await task);
                done++;
            }
            catch (OperationCanceledException)
            {
                Assert.True(asked, "Nobody asked for it.");
                Assert.Equal(BlockStatus.Again, bio.Status);
                cancelled++;
            }

            Assert.False(bio.IsSubmitted);
            if (random.Next(2) == 0)
            {
                // Otherwise the source is disposed while it may be cancelling, or is not cancelled any more at all.
                await cancel;
            }
        }

        return (done, cancelled);
    }

    private void CancelAfter(CancellationTokenSource source, int spins)
    {
        Thread.SpinWait(spins);
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            Interlocked.Increment(ref _disposedFirst);
        }
    }
}
