using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Paths;
using LibMultipath.Selection;
using LibMultipath.Tests.Kit;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Disk;

public sealed class DiskLifeTests
{
    [Fact]
    public void A_disk_knows_what_it_is()
    {
        object parent = new();
        using Rig rig = new(1, options: new MpathDiskOptions { Name = "mpatha", Parent = parent, NumaNode = 0, ReadOnly = true });

        Assert.Equal("mpatha", rig.Disk.Name);
        Assert.Same(parent, rig.Disk.Parent);
        Assert.Equal(0, rig.Disk.NumaNode);
        Assert.Same(rig.Head, rig.Disk.Head);
        Assert.True(rig.Disk.IsReadOnly);
        rig.Submit(op: BioOp.Write).AssertEnded(BlockStatus.IoError);
        rig.Submit().AssertEnded(BlockStatus.Ok);
    }

    [Fact]
    public void A_disk_that_is_open_is_not_gone_before_it_is_closed()
    {
        Rig rig = new(1);
        MpathDiskHandle handle = rig.Disk.Open();
        MpathDiskHandle second = handle.Disk.Open();
        Assert.Equal(2, rig.Disk.OpenCount);
        second.Dispose();
        second.Dispose();
        Assert.Equal(1, rig.Disk.OpenCount);
        Assert.Throws<ObjectDisposedException>(() => second.Disk);

        rig.Head.Remove(rig.Paths[0]);
        rig.Disk.Dispose();
        rig.Head.Dispose();
        Assert.True(rig.Head.TryGet(), "An open disk keeps its head.");
        rig.Head.Put();

        rig.Submit().AssertEnded(BlockStatus.IoError);
        Assert.Throws<BlockException>(() => handle.Disk.Open());
        handle.Dispose();
        Assert.False(rig.Head.TryGet());
        rig.Dispose();
    }

    [Fact]
    public void A_disk_that_is_not_live_or_removed_cannot_be_opened()
    {
        using Rig rig = new(0);
        Assert.Equal(Errno.ENXIO, Assert.Throws<BlockException>(() => rig.Disk.Open()).Errno);

        rig.AddPath();
        rig.Disk.Open().Dispose();
        rig.Disk.Remove();

        Assert.Equal(Errno.ENXIO, Assert.Throws<BlockException>(() => rig.Disk.Open()).Errno);
    }

    [Fact]
    public void A_disk_can_be_removed_and_another_one_put_on_the_head()
    {
        using Rig rig = new(1);
        MpathDisk first = rig.Disk;
        Assert.Throws<InvalidOperationException>(() => new MpathDisk(rig.Head));

        first.Remove();
        Assert.False(first.IsLive);
        using MpathDisk second = new(rig.Head, new MpathDiskOptions { Name = "second" });

        Assert.True(second.IsLive);
        rig.Submit(disk: second).AssertEnded(BlockStatus.Ok);
        rig.Submit(disk: first).AssertEnded(BlockStatus.IoError);
        rig.Paths[0].AccessState = MpathAccessState.NonOptimized;
        Assert.False(first.IsLive);
        first.Dispose();
        rig.Submit(disk: second).AssertEnded(BlockStatus.Ok);
    }

    [Fact]
    public void Io_that_is_with_a_path_ends_as_it_ends_though_the_disk_is_removed()
    {
        using Rig rig = new(1);
        rig[0].Hold = true;
        Io good = rig.Submit();
        Io bad = rig.Submit();

        rig.Disk.Dispose();

        Assert.False(good.HasEnded);
        rig[0].Take().Complete(BlockStatus.Ok);
        rig[0].Take().FailPath(BlockStatus.Transport);
        rig.Work.RunAll();
        good.AssertEnded(BlockStatus.Ok);
        bad.AssertEnded(BlockStatus.IoError);
    }

    [Fact]
    public void Io_that_waits_when_the_disk_is_disposed_fails()
    {
        using Rig rig = new(1, delay: 10);
        rig.Head.Remove(rig.Paths[0]);
        Io io = rig.Submit();
        Assert.False(io.HasEnded);

        rig.Disk.Dispose();

        io.AssertEnded(BlockStatus.IoError);
        Assert.Equal(1, rig.Head.FailNoAvailablePathCount);
    }

    [Fact]
    public void The_host_may_still_do_io_while_it_takes_the_disk_away()
    {
        BlockStatus? status = null;
        SetLiveTests.FakeHost host = new();
        using Rig rig = new(1, options: new MpathDiskOptions { Host = host });
        host.OnDelete = disk => status = rig.Submit(disk: disk).Status;

        rig.Disk.Remove();

        Assert.Equal(BlockStatus.Ok, status);
        Assert.Equal(["add head", "delete head"], host.Calls);
        rig.Disk.Remove();
        rig.Disk.Dispose();
        Assert.Equal(2, host.Calls.Count);
    }

    [Fact]
    public void A_host_that_throws_when_it_takes_the_disk_away_does_not_keep_the_head()
    {
        SetLiveTests.FakeHost host = new() { OnDelete = _ => throw new IOException("busy") };
        using Rig rig = new(1, options: new MpathDiskOptions { Host = host });

        Assert.Throws<IOException>(rig.Disk.Remove);

        rig.Disk.Dispose();
        rig.Disk = new MpathDisk(rig.Head);
        rig.Submit().AssertEnded(BlockStatus.Ok);
    }

    [Fact]
    public async Task A_disk_that_is_disposed_while_another_thread_removes_it_is_gone_when_both_are_done()
    {
        using ManualResetEventSlim deleting = new();
        using ManualResetEventSlim goOn = new();
        SetLiveTests.FakeHost host = new()
        {
            OnDelete = _ =>
            {
                deleting.Set();
                goOn.Wait();
            },
        };
        Rig rig = new(1, options: new MpathDiskOptions { Host = host });
        Task removal = Task.Run(rig.Disk.Remove);
        Assert.True(deleting.Wait(Eventually.Limit));

        rig.Disk.Dispose();
        rig.Head.Dispose();
        rig.Head.Remove(rig.Paths[0]);
        Assert.True(rig.Head.TryGet(), "The disk is still being removed, and has let its head go.");
        rig.Head.Put();

        goOn.Set();
        await removal;
        Assert.False(rig.Head.TryGet());
        rig.Dispose();
    }

    [Fact]
    public void A_disk_can_be_disposed_from_the_completion_of_a_bio_that_waited()
    {
        Rig rig = new(1);
        rig.LoseAll();
        Io first = rig.Submit();
        Io second = rig.Submit();
        first.Then = _ => rig.Disk.Dispose();

        rig.Paths[0].AccessState = MpathAccessState.Optimized;
        rig.Work.RunAll();

        first.AssertEnded(BlockStatus.Ok);
        Assert.Equal(1, second.Ends);
        rig.Dispose();
    }

    [Fact]
    public void Nothing_runs_after_the_last_put()
    {
        Rig rig = new(2, delay: 100);
        rig.LoseAll();
        Io io = rig.Submit();
        rig.Dispose();
        io.AssertEnded(BlockStatus.IoError);

        // A driver that hears late of a path that is gone.
        rig.Paths[0].AccessState = MpathAccessState.Optimized;
        rig.Paths[0].SetLive();
        rig.Paths[1].SetDown();
        rig.Paths[1].Controller.State = MpathControllerState.Dead;
        rig.Head.ScheduleRequeue();
        rig.Head.Policy.Set(IoPolicies.RoundRobin);
        rig.Time.Advance(TimeSpan.FromDays(1));

        Assert.Equal(0, rig.Work.RunAll());
        Assert.Equal(0, rig.Time.ArmedTimers);
    }

    [Fact]
    public void A_change_of_the_head_that_is_seen_late_does_not_revive_a_removed_disk()
    {
        using Rig rig = new(1);
        IMpathHeadDisk disk = rig.Disk;
        rig.Disk.Remove();

        disk.LimitsChanged();
        disk.SetLive(rig.Paths[0]);

        Assert.Equal(0, rig.Disk.CapacitySectors);
        Assert.False(rig.Disk.IsLive);
        rig.Submit().AssertEnded(BlockStatus.IoError);
    }
}
