using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Paths;
using LibMultipath.Tests.Kit;
using LibMultipath.Tests.Reclamation;
using LibMultipath.Topology;

namespace LibMultipath.Tests.Paths;

/// <summary>A recovery with the library's own threads and the system's time.</summary>
public sealed class ControllerRecoveryThreadTests
{
    private static readonly FailureTimes s_short = new() { ReconnectDelay = TimeSpan.FromMilliseconds(5) };

    [Fact]
    public void Attempts_are_made_on_a_thread_that_is_neither_the_callers_nor_the_pools()
    {
        var controller = new MpathController(1) { FailureTimes = s_short };
        List<(bool IsCallers, bool IsPools)> threads = [];
        Thread caller = Thread.CurrentThread;
        using var connected = new ManualResetEventSlim();
        using var recovery = new ControllerRecovery(
            controller,
            _ =>
            {
                threads.Add((Thread.CurrentThread == caller, Thread.CurrentThread.IsThreadPoolThread));
                if (threads.Count < 4)
                {
                    throw new IOException("refused");
                }

                connected.Set();
                return Task.CompletedTask;
            },
            () => { });
        recovery.ConnectionLost("reset");
        Assert.True(connected.Wait(Eventually.Limit));
        Eventually.True(() => controller.State == MpathControllerState.Live, "the controller to be live");
        Assert.Equal(Enumerable.Repeat((false, false), 4), threads);
    }

    [Fact]
    public void A_connect_that_hangs_is_cancelled_when_it_is_stopped_and_not_waited_for()
    {
        using Hanging hanging = new();
        hanging.Recovery.ConnectionLost("reset");
        Assert.True(hanging.Entered.Wait(Eventually.Limit));

        hanging.Recovery.Stop();

        Assert.True(hanging.Token.IsCancellationRequested);
        Assert.False(hanging.Returned);
        Assert.Equal(0, hanging.Losses);
    }

    [Fact]
    public void A_connect_that_hangs_is_cancelled_at_the_loss_which_is_told_though_it_does_not_return()
    {
        using Hanging hanging = new();
        hanging.Recovery.ConnectionLost("reset");
        Assert.True(hanging.Entered.Wait(Eventually.Limit));

        hanging.Controller.FailureTimes = new FailureTimes { Loss = TimeSpan.FromMilliseconds(50) };
        Eventually.True(() => hanging.Losses == 1, "the loss");

        Assert.True(hanging.Token.IsCancellationRequested);
        Assert.False(hanging.Returned);
        Assert.Equal(MpathControllerState.Dead, hanging.Controller.State);
    }

    [Fact]
    public void A_connect_that_does_not_return_after_a_stop_does_not_keep_the_next_from_being_made()
    {
        using Hanging hanging = new();
        hanging.Recovery.ConnectionLost("reset");
        Assert.True(hanging.Entered.Wait(Eventually.Limit));
        hanging.Recovery.Stop();
        hanging.HangsNoMore = true;

        hanging.Recovery.ConnectionLost("again");

        Eventually.True(() => hanging.Controller.State == MpathControllerState.Live, "the controller to be live");
        Assert.False(hanging.Returned);
        hanging.Release.Set();
        Eventually.True(() => hanging.Returned, "the first attempt to return");
        Assert.Equal(MpathControllerState.Live, hanging.Controller.State);
        Assert.False(hanging.Recovery.IsRecovering);
    }

    [Fact]
    public void A_driver_that_throws_when_it_is_cancelled_does_not_disturb_a_stop()
    {
        var log = new RecordingLogger();
        var controller = new MpathController(1);
        using var entered = new ManualResetEventSlim();
        using var recovery = new ControllerRecovery(
            controller,
            async token =>
            {
                var never = new TaskCompletionSource();
                using CancellationTokenRegistration registration = token.Register(() =>
                {
                    never.SetCanceled(token);
                    throw new InvalidDataException("mine");
                });
                entered.Set();
                await never.Task;
            },
            () => { },
            logger: log);
        recovery.ConnectionLost("reset");
        Assert.True(entered.Wait(Eventually.Limit));
        recovery.Stop();
        Eventually.True(() => log.Count(311) == 1, "the fault to be logged");
    }

    [Fact]
    public void No_lock_is_held_while_the_driver_is_called()
    {
        var controller = new MpathController(1) { FailureTimes = new FailureTimes { Loss = TimeSpan.FromMilliseconds(20), ReconnectDelay = TimeSpan.FromMilliseconds(1) } };
        ControllerRecovery? recovery = null;
        int losses = 0;
        recovery = new ControllerRecovery(
            controller,
            _ =>
            {
                OnAnotherThread(() => Assert.True(recovery!.Attempts > 0));
                throw new IOException("refused");
            },
            () =>
            {
                OnAnotherThread(() => Assert.True(recovery!.IsLost));
                OnAnotherThread(recovery!.Dispose);
                Interlocked.Increment(ref losses);
            });
        recovery.ConnectionLost("reset");
        Eventually.True(() => Volatile.Read(ref losses) == 1, "the loss");
    }

    [Fact]
    public void Of_a_head_with_the_systems_time_waiting_io_fails_after_the_fast_fail_time()
    {
        using var head = new MpathHead("head", new TestTemplate(), new MpathHeadOptions { FailureTimes = new FailureTimes { FastIoFail = TimeSpan.FromMilliseconds(50) } });
        using var disk = new MpathDisk(head);
        MpathDevice path = new(new MpathController(1), new TestDisk("path"));
        head.Add(path);
        path.SetLive();
        path.SetDown();
        Io io = new(Bio.Rent(BioOp.Read, 0, new byte[512]));
        disk.Submit(io.Bio);
        Eventually.True(() => io.HasEnded, "the I/O to fail");
        io.AssertEnded(BlockStatus.IoError);
        head.Remove(path);
    }

    private static void OnAnotherThread(Action action)
    {
        var thread = new Thread(() => action());
        thread.Start();
        Assert.True(thread.Join(Eventually.Limit), "A lock was held.");
    }

    /// <summary>A connect that takes no notice of its token.</summary>
    private sealed class Hanging : IDisposable
    {
        private int _losses;

        public Hanging()
        {
            Recovery = new ControllerRecovery(Controller, Connect, () => Interlocked.Increment(ref _losses));
        }

        public MpathController Controller { get; } = new(1);

        public ControllerRecovery Recovery { get; }

        public ManualResetEventSlim Entered { get; } = new();

        public ManualResetEventSlim Release { get; } = new();

        public CancellationToken Token { get; private set; }

        public bool HangsNoMore { get; set; }

        public bool Returned { get; private set; }

        public int Losses => Volatile.Read(ref _losses);

        public void Dispose()
        {
            Release.Set();
            Recovery.Dispose();
            Eventually.True(() => Returned, "the driver to return");
        }

        private Task Connect(CancellationToken token)
        {
            if (HangsNoMore)
            {
                return Task.CompletedTask;
            }

            Token = token;
            Entered.Set();
            Release.Wait(CancellationToken.None);
            Returned = true;
            return Task.CompletedTask;
        }
    }
}

/// <summary>Takes the whole pool away, so nothing else may run.</summary>
[Collection(AloneCollection.Name)]
public sealed class RecoveryWithoutPoolTests
{
    [Theory]
    [InlineData("connect")]
    [InlineData("loss")]
    [InlineData("fast-fail")]
    [InlineData("fast-fail of the head")]
    public void A_controller_comes_back_or_its_io_ends_while_every_thread_of_the_pool_waits_for_the_disk(string what)
    {
        TimeSpan soon = TimeSpan.FromMilliseconds(100);
        using var head = new MpathHead("head", new TestTemplate(), new MpathHeadOptions { Topology = new FixedNumaTopology(1) });
        using var disk = new MpathDisk(head);
        var controller = new MpathController(1);
        MpathDevice path = new(controller, new TestDisk("path"));
        head.Add(path);
        path.SetLive();
        int attempts = 0;
        bool comesBack = what == "connect";
        using var recovery = new ControllerRecovery(
            controller,
            _ =>
            {
                if (Interlocked.Increment(ref attempts) < 5 || !comesBack)
                {
                    throw new IOException("refused");
                }

                return Task.CompletedTask;
            },
            () => { });
        controller.FailureTimes = new FailureTimes
        {
            ReconnectDelay = TimeSpan.FromMilliseconds(10),
            FastIoFail = what == "fast-fail" ? soon : null,
            Loss = what == "loss" ? soon : null,
        };
        if (what == "fast-fail of the head")
        {
            controller.FailureTimes = controller.FailureTimes with { FastIoFail = Timeout.InfiniteTimeSpan };
            head.FailureTimes = new FailureTimes { FastIoFail = soon };
        }

        Io io = new(Bio.Rent(BioOp.Read, 0, new byte[512]));
        using (var pool = new BlockedPool())
        {
            recovery.ConnectionLost("reset");
            disk.Submit(io.Bio);

            Eventually.True(() => io.HasEnded, "a bio that waited");
            pool.AssertBlocked();
        }

        io.AssertEnded(comesBack ? BlockStatus.Ok : BlockStatus.IoError);
        head.Remove(path);
    }
}
