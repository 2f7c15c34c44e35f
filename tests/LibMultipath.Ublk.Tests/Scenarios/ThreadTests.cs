using LibMultipath.Tests.Kit;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Parameters;
using LibMultipath.Ublk.Runner;
using LibMultipath.Ublk.Tests.Scenarios.Kit;

namespace LibMultipath.Ublk.Tests.Scenarios;

/// <summary>Queues and threads need not be as many as each other.</summary>
public sealed class ThreadTests
{
    private static readonly UblkDeviceOptions s_shape = new() { QueueDepth = 32, Parameters = new UblkParameters() };

    [UblkTheory]
    [InlineData(UblkFeatures.PerIoDaemon)]
    [InlineData(UblkFeatures.PerIoDaemon | UblkFeatures.ZeroCopy)]
    [InlineData(UblkFeatures.PerIoDaemon | UblkFeatures.ZeroCopy | UblkFeatures.AutoBufferRegistration)]
    [InlineData(UblkFeatures.PerIoDaemon | UblkFeatures.UserCopy)]
    public void U19_Four_threads_share_the_tags_of_a_queue(UblkFeatures features)
    {
        using UblkRig rig = UblkRig.Start(features, file => new ThreadTarget(file), shape: s_shape, runner: new UblkRunnerOptions { Threads = 4 }, megabytes: 16);

        IReadOnlyCollection<(int Queue, int Tag, int Thread)> seen = UntilFourThreadsAreSeen(rig, () => Shell.Verify(rig.Disk, "16", "--iodepth=32"));

        Assert.All(seen.GroupBy(by => by.Tag), tag => Assert.Single(tag));
        Assert.All(seen.GroupBy(by => by.Thread), thread => Assert.Single(thread.GroupBy(by => by.Tag / 8)));
    }

    [UblkFact]
    public void U19_Two_threads_for_each_of_two_queues()
    {
        using UblkRig rig = UblkRig.Start(UblkFeatures.PerIoDaemon, file => new ThreadTarget(file), shape: s_shape with { Queues = 2 }, runner: new UblkRunnerOptions { Threads = 4 }, megabytes: 16);

        IReadOnlyCollection<(int Queue, int Tag, int Thread)> seen = UntilFourThreadsAreSeen(rig, () => FromAllProcessors(rig));

        Assert.All(seen.GroupBy(by => (by.Queue, by.Tag)), tag => Assert.Single(tag));
        Assert.All(seen.GroupBy(by => by.Thread), thread => Assert.Single(thread.Select(by => by.Queue).Distinct()));
    }

    [UblkTheory]
    [InlineData(UblkFeatures.None)]
    [InlineData(UblkFeatures.BatchIo)]
    [InlineData(UblkFeatures.ZeroCopy | UblkFeatures.AutoBufferRegistration)]
    public void U20_One_thread_serves_two_queues(UblkFeatures features)
    {
        using UblkRig rig = UblkRig.Start(features, file => new ThreadTarget(file), shape: s_shape with { Queues = 2 }, runner: new UblkRunnerOptions { Threads = 1 }, megabytes: 16);
        Assert.Equal(2, rig.Device.Info.Queues);

        FromAllProcessors(rig);

        IReadOnlyCollection<(int Queue, int Tag, int Thread)> seen = ((ThreadTarget)rig.Target).Seen;
        Assert.Single(seen.Select(by => by.Thread).Distinct());
        Assert.Equal([0, 1], seen.Select(by => by.Queue).Distinct().Order());
    }

    // Which tags a load has is for the kernel to choose, and for a slow machine that has few under way at a time.
    private static IReadOnlyCollection<(int Queue, int Tag, int Thread)> UntilFourThreadsAreSeen(UblkRig rig, Action load)
    {
        var target = (ThreadTarget)rig.Target;
        Eventually.True(
            () =>
            {
                load();
                return target.Seen.Select(by => by.Thread).Distinct().Count() == 4;
            },
            "all four threads to have served something");
        return target.Seen;
    }

    // A queue belongs to processors: each gets a job of its own, on a part of the disk of its own.
    private static void FromAllProcessors(UblkRig rig) => Shell.Run(
        $"fio --name=verify --filename={rig.Disk} --numjobs=2 --cpus_allowed=0,1 --cpus_allowed_policy=split --size=8m --offset_increment=8m --rw=randwrite --bs=4k "
        + "--ioengine=io_uring --iodepth=32 --direct=1 --verify=crc32c --do_verify=1 --verify_fatal=1");
}
