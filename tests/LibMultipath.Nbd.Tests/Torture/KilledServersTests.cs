using System.Diagnostics;
using LibMultipath.Block;
using LibMultipath.Nbd.Tests.Kit.Load;
using LibMultipath.Nbd.Tests.Kit.Rig;
using LibMultipath.Nbd.Tests.Kit.Tools;
using LibMultipath.Paths;
using Xunit.Abstractions;

namespace LibMultipath.Nbd.Tests.Torture;

/// <summary>Two servers over one file image, which are killed and started again while the disk over both is in use.</summary>
public sealed class KilledServersTests : IDisposable
{
    private const int Kills = 100;
    private const long Size = 16 << 20;

    private readonly ITestOutputHelper _output;
    private readonly TempFolder _folder = new();
    private readonly NbdkitServer[] _servers;
    private readonly string _image;

    public KilledServersTests(ITestOutputHelper output)
    {
        _output = output;
        _image = _folder.File("image", Size);
        _servers = [NbdkitServer.File(_folder, "a", _image), NbdkitServer.File(_folder, "b", _image)];
    }

    public void Dispose()
    {
        Array.ForEach(_servers, server => server.Dispose());
        _folder.Dispose();
    }

    [ToolFact("nbdkit")]
    public async Task Servers_that_are_killed_one_at_a_time_a_hundred_times_cost_no_error_and_no_data()
    {
        int seed = Seeds.Next(_output);
        var random = new Random(seed);
        using NbdRig rig = Rig();
        using var load = new VerifiedLoad(rig.Disk, seed, depth: 32);
        long start = Stopwatch.GetTimestamp();

        for (int kill = 0; kill < Kills; kill++)
        {
            // By progress, not by time, so that each meets a disk that is busy.
            load.AwaitProgress(random.Next(1, 200));
            int which = random.Next(2);
            _servers[which].Kill();
            load.AwaitProgress(random.Next(1, 100));
            _servers[which].Start();

            // Never both: the path that was lost works before another server dies.
            rig.AwaitUsable(which);
        }

        await load.AssertGoodAsync();
        _output.WriteLine($"{Kills} kills in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s, {load.Ios} I/Os, failovers: {string.Join(", ", rig.Devices.Select(path => path.Statistics.Failovers))}.");
        Assert.All(rig.Devices, path => Assert.True(path.Statistics.Failovers > 0));

        // And as a server tells it that has seen nothing of all this.
        using NbdkitServer fresh = NbdkitServer.File(_folder, "fresh", _image);
        using var other = new NbdRig();
        other.Add(Addresses.Of(fresh));
        await load.AssertStoredAsync(other.Disk);
    }

    [ToolFact("nbdkit")]
    public async Task Servers_that_are_both_away_for_less_than_the_fast_fail_time_are_waited_for()
    {
        int seed = Seeds.Next(_output);
        using NbdRig rig = Rig(new MpathHeadOptions { DelayedRemovalSecs = 60, FailureTimes = new FailureTimes { FastIoFail = TimeSpan.FromSeconds(60) } });
        using var load = new VerifiedLoad(rig.Disk, seed, depth: 16);

        for (int round = 0; round < 5; round++)
        {
            load.AwaitProgress();
            Array.ForEach(_servers, server => server.Kill());
            Eventually.True(() => rig.Disk.WaitingCount > 0 || rig.Devices.TrueForAll(path => !path.IsUsable), "both paths to be lost");
            _servers[round % 2].Start();
            load.AwaitProgress();
            _servers[1 - (round % 2)].Start();
            rig.AwaitUsable(0, 1);
        }

        await load.AssertGoodAsync();
    }

    [ToolFact("nbdkit")]
    public async Task Servers_that_are_both_away_for_longer_fail_the_io_promptly_and_are_used_again_when_they_are_back()
    {
        int seed = Seeds.Next(_output);
        TimeSpan fastFail = TimeSpan.FromSeconds(6);
        using NbdRig rig = Rig(new MpathHeadOptions { DelayedRemovalSecs = 60, FailureTimes = new FailureTimes { FastIoFail = fastFail } });
        using var load = new VerifiedLoad(rig.Disk, seed, depth: 16);
        load.AwaitProgress();

        long start = Stopwatch.GetTimestamp();
        Array.ForEach(_servers, server => server.Kill());
        Eventually.True(() => load.Errors.Count > 0, "the first error");
        TimeSpan waited = Stopwatch.GetElapsedTime(start);
        byte[] buffer = new byte[4096];
        long prompt = Stopwatch.GetTimestamp();
        BlockStatus status = NbdRig.Await(rig.Disk.ReadAsync(0, buffer));
        TimeSpan answered = Stopwatch.GetElapsedTime(prompt);
        load.Stop();

        Assert.True(waited >= fastFail - TimeSpan.FromMilliseconds(100), $"It failed after {waited}.");
        Assert.NotEqual(BlockStatus.Ok, status);
        Assert.True(answered < fastFail, $"A new I/O waited {answered}.");
        Assert.Empty(load.Miscompares);

        Array.ForEach(_servers, server => server.Start());
        rig.AwaitUsable(0, 1);
        Assert.Equal(BlockStatus.Ok, NbdRig.Await(rig.Disk.ReadAsync(0, buffer)));
        await load.AssertStoredAsync(rig.Disk);
    }

    private NbdRig Rig(MpathHeadOptions? options = null)
    {
        var rig = new NbdRig(options: options);
        Array.ForEach(_servers, server => rig.Add(Addresses.Of(server), times: Times.Quick));
        return rig;
    }
}
