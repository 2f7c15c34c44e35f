using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Paths;
using LibMultipath.Tests.Disk.Partitions;
using LibMultipath.Tests.Kit;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Disk.Faults;

/// <summary>The faults of the proposed kernel library that concern the head disk and its I/O, a test for each under its number.</summary>
public sealed class DiskFaultTests
{
    [Fact]
    public void F02_nothing_is_done_with_a_disk_that_is_not_there()
    {
        using Rig rig = new(2, withDisk: false);
        rig.Paths[0].SetLive();
        rig.Paths[0].AccessState = MpathAccessState.NonOptimized;
        rig.Paths[0].Controller.State = MpathControllerState.Dead;
        rig.Head.ScheduleRequeue();
        rig.Head.Remove(rig.Paths[0]);
        rig.Head.Remove(rig.Paths[1]);
        Assert.False(rig.Head.IsAvailable);
        Assert.Equal(0, rig.Head.InFlight);
    }

    [Fact]
    public void F03_no_reference_is_put_that_was_not_got()
    {
        // Every way in and out of a head, and at the end exactly the maker's reference is left.
        Rig rig = new(3);
        Assert.Throws<InvalidOperationException>(() => rig.Head.Add(rig.Paths[0]));
        Assert.Throws<ArgumentException>(() => rig.Head.Add(rig.NewPath(limits: new QueueLimits { LogicalBlockSize = 4096 })));
        Assert.Throws<InvalidOperationException>(() => new MpathDisk(rig.Head));
        rig.Disk.Open().Dispose();
        rig.Disk.Dispose();
        rig.Disk.Dispose();
        rig.Disk = new MpathDisk(rig.Head);
        rig.Disk.Remove();
        rig.Disk.Dispose();
        for (int i = 0; i < 3; i++)
        {
            rig.Head.Remove(rig.Paths[i]);
            rig.Head.Remove(rig.Paths[i]);
        }

        Assert.True(rig.Head.TryGet());
        rig.Head.Put();
        rig.Head.Dispose();
        Assert.False(rig.Head.TryGet());
        Assert.Throws<InvalidOperationException>(rig.Head.Put);
        rig.Dispose();
    }

    [Fact]
    public void F14_a_clone_that_fails_ends_the_bio_with_resource()
    {
        using Rig rig = new(2, template: new CloningTemplate { OnClone = (_, _) => null });

        rig.Submit().AssertEnded(BlockStatus.Resource);

        Assert.Empty(rig.Picks);
        rig.Head.Remove(rig.Paths[0]);
        Assert.Equal(1, rig[0].Releases);
    }

    [Fact]
    public async Task F15_the_requeue_work_is_scheduled_after_the_synchronise()
    {
        using Rig rig = new(1, delay: 10);
        rig.LoseAll();
        Task removal;
        using (PathSelection reader = rig.Head.SelectPath())
        {
            // A submitter that has seen the disk live, and is about to put its bio on the list.
            Assert.Null(reader.Path);
            removal = Task.Run(rig.Disk.Remove);
            Eventually.True(() => !rig.Disk.IsLive, "the disk to be dead");
            SpinWait spin = default;
            for (int i = 0; i < 100; i++)
            {
                Assert.Equal(0, rig.Work.Count);
                spin.SpinOnce();
            }
        }

        await removal;
        Assert.Equal(1, rig.Work.Count);
    }

    [Fact]
    public async Task F25_a_disk_is_not_freed_under_its_requeue_work()
    {
        using Rig rig = new(2);
        using ManualResetEventSlim inside = new();
        using ManualResetEventSlim goOn = new();
        rig.LoseAll();
        Io io = rig.Submit();
        io.Then = _ =>
        {
            inside.Set();
            goOn.Wait();
        };
        rig.Paths[0].AccessState = MpathAccessState.Optimized;
        Task work = Task.Run(rig.Work.RunAll);
        Assert.True(inside.Wait(Eventually.Limit));

        using ManualResetEventSlim freed = new();
        Task disposal = Task.Run(() =>
        {
            rig.Disk.Dispose();
            freed.Set();
        });
        Eventually.True(() => !rig.Disk.IsLive, "the disposal to be under way");
        Assert.False(freed.Wait(TimeSpan.FromMilliseconds(200)), "The disk was freed under the requeue work.");
        goOn.Set();
        await disposal;
        await work;
    }

    [Fact]
    public void F25_the_last_put_ends_what_has_come_to_the_requeue_list_since_the_removal()
    {
        using Rig rig = new(2);
        rig[0].Hold = rig[1].Hold = true;
        MpathDiskHandle handle = rig.Disk.Open();
        Io io = rig.Submit();
        rig.Disk.Dispose();
        rig[0].FailHeld();
        rig[1].FailHeld();
        Assert.False(io.HasEnded);

        handle.Dispose();

        io.AssertEnded(BlockStatus.IoError);
    }

    [Fact]
    public void F26_the_remap_hook_comes_after_the_device_is_set_with_the_right_old_one()
    {
        using Rig rig = new(2);
        var seen = new List<(BlockDevice From, BlockDevice To, BlockDevice? Now, int Submitted)>();
        using IDisposable hook = rig.Head.Hooks.BioRemapped.Attach((scoped in BioRemappedArgs args) =>
            seen.Add((args.From, args.To, args.Bio.Device, ((TestDisk)args.Path.Disk).Submitted)));
        rig[0].FailWith(BlockStatus.Transport);

        rig.Submit();
        rig.Work.RunAll();

        Assert.Equal([(rig.Disk, rig[0], rig[0], 0), (rig.Disk, rig[1], rig[1], 0)], seen);
    }

    [Fact]
    public void F30_the_library_fails_over_by_itself()
    {
        // The driver says no more than that its path failed.
        using Rig rig = new(2);
        rig[0].OnSubmit = attempt => attempt.End(BlockStatus.Transport);

        Io io = rig.Submit();
        rig.Work.RunAll();

        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal(1, rig.Paths[0].Statistics.Failovers);
    }

    [Fact]
    public async Task F32_a_head_disk_can_be_told_from_a_paths_disk()
    {
        DiskImage image = new DiskImage(512, 2048).WithGpt(partitions: [(100, 199, "one")]);
        using Rig rig = new(1);
        rig[0].OnSubmit = attempt =>
        {
            image.Bytes.AsSpan((int)attempt.Bio.Sector * 512, attempt.Bio.Segments[0].Length).CopyTo(attempt.Bio.Segments[0].Span);
            attempt.Complete(BlockStatus.Ok);
        };
        await rig.Disk.RescanPartitionsAsync();

        BlockDevice[] disks = [rig.Disk, rig.Disk.Partitions[0], rig[0]];

        Assert.Equal([true, true, false], disks.Select(disk => disk.IsHeadDisk));
    }
}
