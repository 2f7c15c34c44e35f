using LibMultipath.Attributes;
using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Selection;
using LibMultipath.Tests.Kit;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Attributes;

public sealed class AttributeChangeTests
{
    [Fact]
    public void A_policy_that_is_changed_is_told_whoever_changes_it_and_in_every_head()
    {
        MpathIoPolicy shared = IoPolicies.Create("numa");
        using Rig one = new(1, template: new TestTemplate(shared));
        using Rig two = new(1, template: new TestTemplate(shared));
        using Watch ofOne = new(one.Head);
        using Watch ofTwo = new(two.Head);

        ofOne.Attributes.Store("iopolicy", "round-robin");
        shared.Set(IoPolicies.QueueDepth);
        shared.Set(IoPolicies.QueueDepth);

        Assert.Equal(["iopolicy=round-robin", "iopolicy=queue-depth"], ofOne.Seen);
        Assert.Equal(["iopolicy=round-robin", "iopolicy=queue-depth"], ofTwo.Seen);
    }

    [Fact]
    public void A_removal_delay_that_is_changed_is_told()
    {
        using Rig rig = new(1);
        using Watch watch = new(rig.Head);
        rig.Head.DelayedRemovalSecs = 5;
        rig.Head.DelayedRemovalSecs = 5;
        watch.Attributes.Store("delayed_removal_secs", "0");
        Assert.Equal(["delayed_removal_secs=5", "delayed_removal_secs=0"], watch.Seen);
    }

    [Fact]
    public void An_access_state_is_told_when_it_has_changed_and_not_with_every_change_of_the_path()
    {
        using Rig rig = new(2);
        using Watch watch = new(rig.Head);
        rig.Paths[1].AccessState = MpathAccessState.NonOptimized;
        rig.Paths[1].AccessState = MpathAccessState.NonOptimized;
        rig.Paths[1].SetDown();
        rig.Paths[1].SetLive();
        rig.Paths[1].Controller.State = MpathControllerState.Resetting;
        rig.Paths[1].AccessState = MpathAccessState.Other;
        Assert.Equal(["path/1/access_state=non-optimized", "path/1/access_state=inaccessible"], watch.Seen);
    }

    [Fact]
    public void A_path_that_comes_or_goes_is_told_with_its_link()
    {
        using Rig rig = new(1);
        using Watch watch = new(rig.Head);
        MpathDevice path = rig.AddPath();
        Assert.Equal(["path/1", "multipath/path1"], watch.Seen);
        watch.Seen.Clear();
        rig.Head.Remove(path);
        rig.Head.Remove(path);
        Assert.Equal(["multipath/path1", "path/1"], watch.Seen);
    }

    [Fact]
    public async Task A_path_that_is_removed_without_blocking_is_told_too()
    {
        using Rig rig = new(2);
        using Watch watch = new(rig.Head);
        await rig.Head.RemoveAsync(rig.Paths[0]).WaitAsync(Eventually.Limit);
        Assert.Equal(["multipath/path0", "path/0"], watch.Seen);
    }

    [Fact]
    public void A_link_that_can_be_made_at_last_is_told_then()
    {
        using Rig rig = new(0);
        using Watch watch = new(rig.Head);
        MpathDevice[] twins = [.. Enumerable.Range(0, 2).Select(id => new MpathDevice(new MpathController(id), new TestDisk("twin")))];
        rig.Head.Add(twins[0]);
        rig.Head.Add(twins[1]);
        rig.Head.Remove(twins[0]);
        Assert.Equal(["path/0", "multipath/twin", "path/1", "multipath/twin", "path/0", "multipath/twin"], watch.Seen);
    }

    [Theory]
    [InlineData("diag/io_requeue_no_usable_path_count")]
    [InlineData("diag/io_fail_no_available_path_count")]
    [InlineData("path/1/diag/multipath_failover_count")]
    [InlineData("path/1/diag/command_retries_count")]
    [InlineData("path/1/diag/command_error_count")]
    public void A_counter_that_is_reset_is_told_under_its_full_name(string name)
    {
        using Rig rig = new(2);
        using MpathAttributes other = new(rig.Head);
        using Watch watch = new(rig.Head);
        other.Store(name, "0");
        Assert.Equal([$"{name}=0"], watch.Seen);
    }

    [Fact]
    public void A_store_that_is_refused_is_not_told()
    {
        using Rig rig = new(1);
        using Watch watch = new(rig.Head);
        Assert.All(watch.Attributes.Walk().Select(each => each.Node).OfType<MpathAttribute>().ToArray(), attribute =>
            Assert.Throws<BlockException>(() => attribute.Store("nonsense")));
        Assert.Empty(watch.Seen);
    }

    [Fact]
    public void What_io_does_is_not_told()
    {
        using Rig rig = new(2);
        using Watch watch = new(rig.Head);
        rig[0].FailWith(BlockStatus.Transport);
        rig.Submit();
        rig.Work.RunAll();
        Assert.Equal(1, rig.Paths[0].Statistics.Failovers);
        Assert.Empty(watch.Seen);
    }

    [Fact]
    public void A_listener_may_store_and_remove_what_it_hears_of()
    {
        using Rig rig = new(2);
        using MpathAttributes attributes = new(rig.Head);
        attributes.Changed += name =>
        {
            if (name == "path/0/access_state")
            {
                attributes.Store("iopolicy", "round-robin");
                rig.Head.Remove(rig.Paths[0]);
            }
        };

        rig.Paths[0].AccessState = MpathAccessState.Other;

        Assert.Equal("round-robin\n", attributes.Show("iopolicy"));
        Assert.Equal([rig.Paths[1]], rig.Head.Paths);
    }

    [Fact]
    public void A_listener_that_throws_is_logged_and_harms_neither_the_change_nor_the_others()
    {
        using Rig rig = new(2);
        using MpathAttributes attributes = new(rig.Head);
        attributes.Changed += _ => throw new InvalidOperationException("bad listener");
        List<string> seen = [];
        attributes.Changed += seen.Add;

        rig.Head.Remove(rig.Paths[0]);

        Assert.Equal(["multipath/path0", "path/0"], seen);
        Assert.Equal(2, rig.Log.Count(702));
        Assert.Equal(1, rig[0].Releases);
    }

    [Fact]
    public void After_disposal_nothing_is_told()
    {
        using Rig rig = new(2);
        Watch watch = new(rig.Head);
        watch.Dispose();
        watch.Dispose();
        rig.Head.Policy.Set(IoPolicies.RoundRobin);
        rig.Head.Remove(rig.Paths[0]);
        Assert.Empty(watch.Seen);
        Assert.Equal("round-robin\n", watch.Attributes.Show("iopolicy"));
    }

    [Fact]
    public void Paths_that_come_and_go_on_many_threads_leave_no_link_behind()
    {
        using MpathHead head = new("head", new TestTemplate(), new MpathHeadOptions { DelayedRemovalSecs = 600 });
        using MpathAttributes attributes = new(head);
        int next = 0;
        MpathDevice stays = new(new MpathController(0), new TestDisk("stays"));
        head.Add(stays);
        Parallel.For(0, 8, _ =>
        {
            for (int i = 0; i < 50; i++)
            {
                int id = Interlocked.Increment(ref next);
                MpathDevice path = new(new MpathController(id), new TestDisk($"path{id % 3}"));
                head.Add(path);
                path.SetLive();
                path.AccessState = MpathAccessState.NonOptimized;
                head.Remove(path);
            }
        });
        Assert.Equal(["multipath/stays"], attributes.Walk().Where(each => each.Node is MpathAttributeLink).Select(each => each.Name));
        head.Remove(stays);
        head.DelayedRemovalSecs = 0;
    }

    /// <summary>Keeps what is told, with the value that it has then.</summary>
    private sealed class Watch : IDisposable
    {
        public Watch(MpathHead head)
        {
            Attributes = new MpathAttributes(head);
            Attributes.Changed += name => Seen.Add(ValueOf(name) is { } value ? $"{name}={value}" : name);
        }

        public MpathAttributes Attributes { get; }

        public List<string> Seen { get; } = [];

        public void Dispose() => Attributes.Dispose();

        private string? ValueOf(string name)
        {
            try
            {
                return Attributes.Show(name).TrimEnd('\n');
            }
            catch (BlockException exception) when (exception.Errno is Errno.EISDIR or Errno.ENOENT)
            {
                return null;
            }
        }
    }
}
