using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Paths;
using LibMultipath.Selection;
using LibMultipath.Tests.Disk.Partitions;
using LibMultipath.Tests.Kit;
using LibMultipath.Tests.Paths;
using LibMultipath.Topology;
using Microsoft.Extensions.Logging;

namespace LibMultipath.Tests.Disk;

/// <summary>One test for each fault of the proposed kernel library that concerns the core, under its number.</summary>
public sealed class FaultTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData("numa")]
    [InlineData("round-robin")]
    [InlineData("queue-depth")]
    public void F01_found_and_fallback_start_as_none(string policy)
    {
        using Rig rig = new(3, IoPolicies.Parse(policy));
        rig.LoseAll();
        rig.Head.ClearCurrentPath(rig.Paths[0]);
        for (int i = 0; i < 3; i++)
        {
            using (PathSelection nothing = rig.Head.SelectPath())
            {
                Assert.Null(nothing.Path);
            }

            // Something to be left over in whatever is not initialised.
            rig.Paths[i].AccessState = MpathAccessState.NonOptimized;
            Assert.Equal(i, rig.Pick());
            rig.Paths[i].AccessState = MpathAccessState.Other;
        }
    }

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
    public void F04_load_is_counted_for_the_controller_and_not_for_the_path()
    {
        MpathIoPolicy policy = new(IoPolicies.QueueDepth);
        MpathController busy = new(1);
        MpathController idle = new(2);
        using Rig other = new(0, template: new TestTemplate(policy));
        using Rig rig = new(0, template: new TestTemplate(policy));
        other.AddPath(controller: busy);
        rig.AddPath(controller: busy);
        rig.AddPath(controller: idle);
        other[0].Hold = true;

        other.Submit();

        Assert.Equal(1, busy.ActiveCount);
        Assert.Equal(1, rig.Pick());
        other[0].Take().Complete(BlockStatus.Ok);
        Assert.Equal(0, rig.Pick());
    }

    [Fact]
    public void F05_load_is_updated_at_every_start_and_end()
    {
        using Rig rig = new(2, IoPolicies.QueueDepth);
        rig[0].Hold = rig[1].Hold = true;
        for (int i = 0; i < 10; i++)
        {
            rig.Submit();
            Assert.Equal(rig[0].Held.Count, rig.Paths[0].Controller.ActiveCount);
            Assert.Equal(rig[1].Held.Count, rig.Paths[1].Controller.ActiveCount);
        }

        Assert.Equal((5, 5), (rig[0].Held.Count, rig[1].Held.Count));
        for (int i = 4; i >= 0; i--)
        {
            rig[0].Take().Complete(BlockStatus.Ok);
            Assert.Equal(i, rig.Paths[0].Controller.ActiveCount);
        }

        rig[1].FailHeld();
    }

    [Fact]
    public void F06_the_node_of_a_path_is_what_the_driver_says_and_selection_goes_by_it()
    {
        FixedNumaTopology topology = new(2) { CurrentNode = 1 };
        using Rig rig = new(0, IoPolicies.Numa, topology);
        Assert.Equal(0, rig.AddPath(node: 0).NumaNode);
        Assert.Equal(1, rig.AddPath(node: 1).NumaNode);
        Assert.Equal(NumaNode.None, rig.NewPath().NumaNode);
        Assert.Equal(1, rig.Pick());
    }

    [Fact]
    public void F07_there_may_be_as_many_nodes_as_there_are()
    {
        FixedNumaTopology topology = new(5000) { CurrentNode = 4999 };
        using Rig rig = new(0, IoPolicies.Numa, topology);
        rig.AddPath(node: 0);
        rig.AddPath(node: 4999);

        Assert.Equal(1, rig.Pick());
        Assert.Same(rig.Paths[1], rig.Head.GetCurrentPath(4999));
        Assert.Same(rig.Paths[0], rig.Head.GetCurrentPath(0));
        Assert.True(rig.Head.ClearCurrentPath(rig.Paths[1]));
        Assert.Null(rig.Head.GetCurrentPath(4999));
    }

    [Fact]
    public void F08_a_change_of_the_policy_is_information()
    {
        using Rig rig = new(1);
        rig.Head.Policy.Set(IoPolicies.RoundRobin);

        Assert.Equal(LogLevel.Information, Assert.Single(rig.Log.Lines, line => line.Text.Contains("iopolicy", StringComparison.Ordinal)).Level);
    }

    [Fact]
    public void F09_what_is_not_found_is_said_to_be_none()
    {
        PathSelector? selector = IoPolicies.Numa;
        Assert.False(IoPolicies.TryParse("none such", out selector));
        Assert.Null(selector);
        Assert.False(IoPolicies.TryParse(null, out selector));
        Assert.Null(selector);
    }

    [Fact]
    public void F10_a_hold_that_was_not_taken_is_not_given_back()
    {
        ModuleTemplate template = new();
        using Rig rig = new(1, template: template);
        rig.AddPath();
        rig.Head.DelayedRemovalSecs = 5;
        rig.Head.DelayedRemovalSecs = 0;
        rig.Head.Remove(rig.Paths[0]);
        rig.Head.Remove(rig.Paths[1]);

        // The template fails the test if a hold is put that was not taken.
        Assert.Equal(0, template.Asked);
        Assert.Equal(0, template.Holds);
    }

    [Fact]
    public void F11_the_hold_is_dropped_when_a_path_comes_back_in_time()
    {
        ModuleTemplate template = new();
        using Rig rig = new(1, template: template, delay: 10);
        for (int i = 0; i < 5; i++)
        {
            rig.Head.Remove(rig.Paths[i]);
            Assert.Equal(1, template.Holds);
            rig.AddPath();
            Assert.Equal(0, template.Holds);
        }
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
    public void F16_numa_passes_a_disabled_current_path()
    {
        using Rig rig = new(2, IoPolicies.Numa);
        Assert.Equal(0, rig.Pick());
        rig.Paths[0].SetDown();
        Assert.Same(rig.Paths[0], rig.Head.GetCurrentPath(0));
        Assert.Equal(MpathAccessState.Optimized, rig.Paths[0].AccessState);

        Assert.Equal(1, rig.Pick());
    }

    [Theory]
    [InlineData(0, MpathAccessState.Optimized)]
    [InlineData(1, MpathAccessState.NonOptimized)]
    [InlineData(2, MpathAccessState.Other)]
    [InlineData(3, MpathAccessState.Other)]
    public async Task F17_a_current_path_that_has_left_the_list_ends_the_ring(int which, MpathAccessState others)
    {
        using Rig rig = new(4, IoPolicies.RoundRobin);
        MpathDevice gone = rig.Paths[which];
        rig.Head.Remove(gone);
        foreach (MpathDevice path in rig.Head.Paths)
        {
            path.AccessState = others;
        }

        // An endless ring would be one of another thread, and seen here.
        await Task.Run(Select).WaitAsync(Eventually.Limit);

        void Select()
        {
            // With three paths left, with two, with one, with none.
            for (int left = 3; left >= 0; left--)
            {
                rig.Head.Current(0) = gone;
                using (PathSelection selection = rig.Head.SelectPath())
                {
                    Assert.Equal(others == MpathAccessState.Other || left == 0, selection.Path is null);
                    Assert.NotSame(gone, selection.Path);
                }

                if (left > 0)
                {
                    rig.Head.Remove(rig.Head.Paths[0]);
                }
            }
        }
    }

    [Theory]
    [InlineData(4_294_968u)]
    [InlineData(uint.MaxValue)]
    public void F21_seconds_that_no_timer_can_take_are_refused(uint seconds)
    {
        using Rig rig = new(1, delay: 3);

        Assert.Throws<ArgumentOutOfRangeException>(() => rig.Head.DelayedRemovalSecs = seconds);
        rig.Head.DelayedRemovalSecs = 4_294_967;
        rig.Head.Remove(rig.Paths[0]);

        Assert.Equal(TimeSpan.FromSeconds(4_294_967), rig.Time.NextDue);
    }

    [Fact]
    public void F22_no_timer_outlives_a_store_of_0()
    {
        RemovingTemplate template = new();
        using Rig rig = new(1, template: template, delay: 100);
        rig.Head.Remove(rig.Paths[0]);
        Assert.Equal(1, rig.Time.ArmedTimers);

        rig.Head.DelayedRemovalSecs = 0;

        Assert.Equal(0, rig.Time.ArmedTimers);
        rig.Work.RunAll();
        Assert.Equal(1, template.Removals);
        rig.Time.Advance(1000 * s_second);
        rig.Work.RunAll();
        Assert.Equal(1, template.Removals);
    }

    [Fact]
    public void F23_the_removal_works_on_a_head_that_never_had_a_disk_nor_a_path()
    {
        RemovingTemplate template = new();
        using Rig rig = new(0, template: template, withDisk: false);
        rig.Head.DelayedRemovalSecs = 0;
        rig.Head.DelayedRemovalSecs = 5;
        rig.AddPath(MpathAccessState.Other);
        rig.Head.Remove(rig.Paths[0]);
        rig.Time.Advance(5 * s_second);
        rig.Work.RunAll();

        Assert.Equal(1, template.Removals);
    }

    [Fact]
    public void F24_the_removal_looks_again_whether_the_list_is_empty()
    {
        RemovingTemplate template = new();
        using Rig rig = new(1, template: template, delay: 10);
        rig.Head.Remove(rig.Paths[0]);
        rig.Time.Advance(10 * s_second);

        rig.AddPath();
        rig.Work.RunAll();

        Assert.Equal(0, template.Removals);
        Assert.True(rig.Disk.IsLive);
        Assert.Equal(1, rig.Pick());

        // What decides is the list, also while a path that is in it has not cancelled the removal yet.
        Assert.False(rig.Head.TryBeginRemoval());
    }

    [Fact]
    public async Task F24_a_path_that_is_added_while_the_head_is_removed_is_in_or_refused()
    {
        for (int round = 0; round < 200; round++)
        {
            RemovingTemplate template = new();
            using Rig rig = new(1, template: template, delay: 1);
            MpathDevice path = rig.NewPath();
            rig.Head.Remove(rig.Paths[0]);
            rig.Time.Advance(s_second);
            Task<bool> adding = Task.Run(() =>
            {
                try
                {
                    rig.Head.Add(path);
                    return true;
                }
                catch (BlockException refusal)
                {
                    Assert.Equal(Errno.ENXIO, refusal.Errno);
                    return false;
                }
            });
            Task removing = Task.Run(rig.Work.RunAll);
            await removing;

            bool added = await adding;
            Assert.Equal(added ? 0 : 1, template.Removals);
            Assert.Equal(added ? 1 : 0, rig.Head.PathCount);
            Assert.False(rig.Head.IsRemovalPending);
            Assert.Equal(0, template.Holds);
        }
    }

    [Fact]
    public async Task F25_the_last_put_waits_for_the_requeue_work_and_the_scan()
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

    [Theory]
    [InlineData("n")]
    [InlineData("round")]
    [InlineData("round-robinhood")]
    [InlineData("queue-depth2")]
    public void F28_names_are_not_matched_by_prefix(string name)
    {
        using Rig rig = new(1);
        Assert.Throws<ArgumentException>(() => rig.Head.Policy.Set(IoPolicies.Parse(name)));
        Assert.Same(IoPolicies.Numa, rig.Head.Policy.Selector);
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
    public void F31_a_path_that_is_added_cancels_the_removal_before_it_is_even_live()
    {
        RemovingTemplate template = new();
        using Rig rig = new(1, template: template, delay: 10);
        rig.Head.Remove(rig.Paths[0]);

        rig.Head.Add(rig.NewPath());

        Assert.False(rig.Head.IsRemovalPending);
        rig.Time.Advance(100 * s_second);
        rig.Work.RunAll();
        Assert.Equal(0, template.Removals);
        rig.Paths[1].SetLive();
        Assert.Equal(1, rig.Pick());
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
