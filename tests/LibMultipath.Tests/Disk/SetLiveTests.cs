using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Paths;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Disk;

public sealed class SetLiveTests
{
    [Fact]
    public void The_first_path_that_is_usable_makes_the_disk_appear_and_no_other_one_does()
    {
        FakeHost host = new();
        using Rig rig = new(0, options: new MpathDiskOptions { Host = host });
        rig.AddPath(MpathAccessState.Other);
        Assert.False(rig.Disk.IsLive);

        rig.AddPath(MpathAccessState.NonOptimized);
        Assert.True(rig.Disk.IsLive);
        Assert.Equal(["add head"], host.Calls);

        rig.AddPath();
        rig.Paths[0].AccessState = MpathAccessState.Optimized;
        Assert.Equal(["add head"], host.Calls);
        Assert.Equal(2048, rig.Disk.CapacitySectors);
    }

    [Fact]
    public void A_disk_whose_paths_go_stays_live()
    {
        using Rig rig = new(1);
        rig.LoseAll();
        Assert.True(rig.Disk.IsLive);
    }

    [Fact]
    public void The_disk_takes_io_when_the_host_hears_of_it()
    {
        BlockStatus? status = null;
        FakeHost host = new()
        {
            OnAdd = disk =>
            {
                var io = new Io(Bio.Rent(BioOp.Read, 0, new byte[512]));
                disk.Submit(io.Bio);
                status = io.Status;
                Assert.Equal(1, io.Ends);
            },
        };
        using Rig rig = new(1, options: new MpathDiskOptions { Host = host });
        Assert.Equal(BlockStatus.Ok, status);
    }

    [Fact]
    public void A_host_that_fails_is_reported_undone_and_asked_again_by_the_next_path()
    {
        FakeHost host = new() { OnAdd = _ => throw new IOException("no room") };
        using Rig rig = new(0, options: new MpathDiskOptions { Host = host, ScanPartitions = true });

        IOException failure = Assert.Throws<IOException>(() => rig.AddPath());

        Assert.Equal("no room", failure.Message);
        Assert.False(rig.Disk.IsLive);
        Assert.Throws<BlockException>(() => rig.Disk.Open());
        host.OnAdd = null;
        rig.AddPath();
        Assert.True(rig.Disk.IsLive);
        Assert.Equal(["add head", "add head"], host.Calls);
        rig.Disk.Remove();
        Assert.Equal(["add head", "add head", "delete head"], host.Calls);
    }

    [Fact]
    public void A_host_that_fails_leaves_no_io_of_its_own_waiting()
    {
        Io? io = null;
        Rig? rig = null;
        FakeHost host = new()
        {
            OnAdd = disk =>
            {
                rig!.Paths[0].SetReason(PathState.Pending, true);
                io = new Io(Bio.Rent(BioOp.Read, 0, new byte[512]));
                disk.Submit(io.Bio);
                Assert.False(io.HasEnded);
                throw new IOException("no room");
            },
        };
        using (rig = new Rig(0, options: new MpathDiskOptions { Host = host }))
        {
            Assert.Throws<IOException>(() => rig.AddPath());
            rig.Work.RunAll();

            io!.AssertEnded(BlockStatus.IoError);
        }
    }

    [Fact]
    public void A_host_that_fails_when_the_disk_is_made_leaves_the_head_without_one()
    {
        using Rig rig = new(1, withDisk: false);
        FakeHost host = new() { OnAdd = _ => throw new IOException("no room") };
        Assert.Throws<IOException>(() => new MpathDisk(rig.Head, new MpathDiskOptions { Host = host }));

        host.OnAdd = null;
        rig.Disk = new MpathDisk(rig.Head, new MpathDiskOptions { Host = host });

        Assert.True(rig.Disk.IsLive);
        rig.Submit().AssertEnded(BlockStatus.Ok);
    }

    [Fact]
    public void What_one_heads_host_throws_does_not_keep_a_controller_from_the_others()
    {
        FakeHost host = new() { OnAdd = _ => throw new IOException("no room") };
        MpathController shared = new(1, MpathControllerState.Connecting);
        using Rig bad = new(0, options: new MpathDiskOptions { Host = host });
        using Rig good = new(0);
        bad.AddPath(controller: shared);
        good.AddPath(controller: shared);

        Assert.Throws<IOException>(() => shared.State = MpathControllerState.Live);

        Assert.False(bad.Disk.IsLive);
        Assert.True(good.Disk.IsLive);
    }

    [Fact]
    public void A_disk_that_is_put_on_a_head_with_usable_paths_is_live_at_once()
    {
        using Rig rig = new(2, withDisk: false);
        rig.Disk = new MpathDisk(rig.Head);
        Assert.True(rig.Disk.IsLive);
        Assert.Equal(2048, rig.Disk.CapacitySectors);
    }

    [Fact]
    public void A_path_that_was_not_added_cannot_be_set_live()
    {
        using Rig rig = new(0);
        Assert.Throws<InvalidOperationException>(() => rig.NewPath().SetLive());
    }

    internal sealed class FakeHost : IMpathDiskHost
    {
        public List<string> Calls { get; } = [];

        public Action<MpathDisk>? OnAdd { get; set; }

        public Action<MpathDisk>? OnDelete { get; set; }

        public void AddDisk(MpathDisk disk)
        {
            Calls.Add($"add {disk}");
            OnAdd?.Invoke(disk);
        }

        public void DeleteDisk(MpathDisk disk)
        {
            Calls.Add($"delete {disk}");
            OnDelete?.Invoke(disk);
        }
    }
}
