using LibMultipath.Block;
using LibMultipath.IoUring.Loops;
using LibMultipath.Tests.Kit;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Devices;
using LibMultipath.Ublk.Queues;
using LibMultipath.Ublk.Runner;
using LibMultipath.Ublk.Tests.Control;
using LibMultipath.Ublk.Tests.Kit;
using LibMultipath.Ublk.Tests.Scenarios.Kit;
using Xunit.Abstractions;

namespace LibMultipath.Ublk.Tests.Scenarios;

/// <summary>A device that cannot be started is told of at once, with the reason.</summary>
public sealed class StartTests(ITestOutputHelper output)
{
    [UblkFact]
    public void A_fetch_that_the_driver_refuses_ends_the_start_with_its_reason()
    {
        using UblkControl control = UblkControl.Open();
        using UblkDevice device = UblkDevice.Create(control, Small.Options());

        // Somebody else has fetched a tag, and the driver gives each to one.
        using var loop = new RingLoop(UblkQueue.RingFor(1));
        loop.Attach();
        using var other = new UblkQueue(device, 0, loop, new MemoryTarget(), new UblkQueueOptions { FirstTag = 5, TagCount = 1 });
        other.Start();
        loop.Poll(TimeSpan.Zero);

        UblkException refused = Assert.Throws<UblkException>(
            () => UblkRunner.Start(device, new MemoryTarget(), new UblkRunnerOptions { Timeout = TimeSpan.FromSeconds(15) }));
        Assert.Equal((UblkErrorKind.Other, Errno.EINVAL), (refused.Kind, refused.Errno));
        Assert.Contains("refuses to give requests", refused.Message);
    }

    [UblkFact]
    public void A_thread_that_fails_ends_the_start_while_another_one_hangs()
    {
        using UblkControl control = UblkControl.Open();
        using UblkDevice device = UblkDevice.Create(control, Small.Options(UblkFeatures.PerIoDaemon));
        using var free = new ManualResetEventSlim();
        var target = new StartTarget(queue =>
        {
            if (queue.FirstTag != 0)
            {
                throw new InvalidOperationException("on purpose");
            }

            free.Wait();
        });
        var options = new UblkRunnerOptions { Threads = 2 };
        Assert.Equal("on purpose", Assert.Throws<InvalidOperationException>(() => UblkRunner.Start(device, target, options)).Message);
        free.Set();
    }

    [UblkFact]
    public void A_start_that_is_given_up_at_any_moment_leaves_no_device_behind()
    {
        using UblkControl control = UblkControl.Open();
        Random random = Seeds.Random(output);
        for (int round = 0; round < 20; round++)
        {
            using var given = new CancellationTokenSource(TimeSpan.FromMilliseconds(random.Next(60)));
            using UblkDevice device = UblkDevice.Create(control, Small.Options(UblkFeatures.UserRecovery));
            try
            {
                using UblkRunner runner = UblkRunner.Start(device, new MemoryTarget(), null, given.Token);
                Assert.True(runner.Stop(Eventually.Limit));
            }
            catch (OperationCanceledException)
            {
                // The disk may have been there already; it goes with its device.
                Assert.True(given.IsCancellationRequested);
            }
        }

        Eventually.True(() => UblkControl.ListIds().Count == 0, "all devices to be gone");
    }

    [UblkFact]
    public void A_thread_that_does_not_fetch_in_time_is_a_timeout()
    {
        using UblkControl control = UblkControl.Open();
        using UblkDevice device = UblkDevice.Create(control, Small.Options());
        using var free = new ManualResetEventSlim();
        var target = new StartTarget(_ => free.Wait());
        UblkException late = CommandTests.Fails(UblkErrorKind.Timeout, () => UblkRunner.Start(device, target, new UblkRunnerOptions { Timeout = TimeSpan.FromSeconds(1) }));
        Assert.Contains("have not fetched every tag after 1 s", late.Message);
        free.Set();
    }
}
