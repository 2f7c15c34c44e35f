using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Selection;
using LibMultipath.Tests.Kit;
using LibMultipath.Topology;

namespace LibMultipath.Tests.Paths;

public sealed class RemovePathTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task A_path_is_marked_then_waited_for_then_asked_for_its_attempts_then_let_go()
    {
        using Rig rig = new(2);
        rig[0].Hold = true;
        Io io = rig.Submit();
        using ManualResetEventSlim asked = new();
        using ManualResetEventSlim released = new();
        rig[0].OnAbortAll = () =>
        {
            Assert.Contains(rig.Paths[0], rig.Head.Paths);
            asked.Set();
        };
        rig[0].OnRelease = () =>
        {
            Assert.DoesNotContain(rig.Paths[0], rig.Head.Paths);
            Assert.Null(rig.Head.GetCurrentPath(0));
            Assert.Equal(0, rig.Paths[0].InFlight);
            released.Set();
        };

        Task removal;
        using (PathSelection reader = rig.Head.SelectPath())
        {
            Assert.Same(rig.Paths[0], reader.Path);
            removal = Task.Run(() => rig.Head.Remove(rig.Paths[0]));
            Eventually.True(() => rig.Paths[0].IsRemoved, "the mark");
            Assert.False(asked.Wait(s_patience), "The attempts were asked back while a reader could still begin one.");
            Assert.True(rig.Paths[0].IsDisabled);
        }

        Assert.True(asked.Wait(Eventually.Limit));
        Assert.False(released.Wait(s_patience), "The path was let go while the driver had an attempt.");
        Assert.False(removal.IsCompleted);
        rig[0].Take().FailPath(BlockStatus.Transport);
        await removal;

        Assert.True(released.IsSet);
        Assert.Equal(1, rig[0].Releases);
        rig.Work.RunAll();
        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal([0, 1], rig.Picks);
    }

    [Fact]
    public void Nothing_goes_to_a_path_whose_removal_has_begun()
    {
        using Rig rig = new(3, IoPolicies.RoundRobin);
        Io[] ios = [];
        rig[1].OnAbortAll = () => ios = [.. Enumerable.Range(0, 6).Select(_ => rig.Submit())];

        rig.Head.Remove(rig.Paths[1]);

        Assert.Equal(6, ios.Length);
        Assert.All(ios, io => io.AssertEnded(BlockStatus.Ok));
        Assert.DoesNotContain(1, rig.Picks);
        Assert.Equal([rig.Paths[0], rig.Paths[2]], rig.Head.Paths);
    }

    [Fact]
    public void A_removed_path_is_forgotten_on_every_node()
    {
        FixedNumaTopology topology = new(4);
        using Rig rig = new(2, IoPolicies.Numa, topology);
        Assert.All(Enumerable.Range(0, 4), node => Assert.Same(rig.Paths[0], rig.Head.GetCurrentPath(node)));

        rig.Head.Remove(rig.Paths[0]);

        Assert.All(Enumerable.Range(0, 4), node => Assert.Null(rig.Head.GetCurrentPath(node)));
    }

    [Fact]
    public void What_was_in_flight_goes_on_elsewhere()
    {
        using Rig rig = new(2);
        rig[0].Hold = true;
        Io[] ios = [.. Enumerable.Range(0, 32).Select(_ => rig.Submit())];

        rig.Head.Remove(rig.Paths[0]);
        rig.Work.RunAll();

        Assert.All(ios, io => io.AssertEnded(BlockStatus.Ok));
        Assert.Equal(32, rig[1].Submitted);
        Assert.Equal(32, rig.Paths[0].Statistics.Failovers);
        Assert.Equal(0, rig.Paths[0].InFlight);
    }

    [Fact]
    public void A_path_can_be_removed_from_the_completion_of_its_own_io()
    {
        using Rig rig = new(2);
        rig[0].Hold = true;
        Io io = rig.Submit();
        io.Then = _ => rig.Head.Remove(rig.Paths[0]);

        rig[0].Take().Complete(BlockStatus.Ok);

        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal(1, rig[0].Releases);
        Assert.Equal(1, rig.Pick());
    }

    [Fact]
    public void A_path_can_be_removed_from_a_completion_inside_the_submission()
    {
        using Rig rig = new(2);
        Io io = new(Bio.Rent(BioOp.Read, 0, new byte[512])) { Then = _ => rig.Head.Remove(rig.Paths[0]) };

        rig.Disk.Submit(io.Bio);

        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal([rig.Paths[1]], rig.Head.Paths);
    }

    [Fact]
    public async Task Of_many_removals_of_one_path_one_does_it()
    {
        using Rig rig = new(2);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => rig.Head.Remove(rig.Paths[0]))));
        await rig.Head.RemoveAsync(rig.Paths[0]);
        rig.Head.Remove(rig.Paths[0]);

        Assert.Equal(1, rig[0].Releases);
        Assert.Equal([rig.Paths[1]], rig.Head.Paths);
    }

    [Fact]
    public async Task Paths_can_be_removed_side_by_side_and_the_last_one_decides_once()
    {
        for (int round = 0; round < 20; round++)
        {
            RemovingTemplate template = new();
            using Rig rig = new(6, template: template);
            await Task.WhenAll(rig.Paths.Select(path => Task.Run(() => rig.Head.Remove(path))));

            Assert.Empty(rig.Head.Paths);
            Assert.All(rig.Paths, path => Assert.Equal(1, ((TestDisk)path.Disk).Releases));
            Assert.Equal(1, template.Removals);
            Assert.False(rig.Head.IsRemovalPending);
        }
    }

    [Fact]
    public async Task A_path_can_be_removed_without_blocking()
    {
        using Rig rig = new(2);
        rig[0].Hold = true;
        rig[0].OnAbortAll = () => { };
        Io io = rig.Submit();

        Task removal = rig.Head.RemoveAsync(rig.Paths[0]);
        Assert.False(removal.IsCompleted);
        rig[0].Take().FailPath(BlockStatus.Transport);
        await removal;
        rig.Work.RunAll();

        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal(1, rig[0].Releases);
    }

    [Fact]
    public void A_path_is_added_once()
    {
        using Rig rig = new(1);
        using Rig other = new(0);
        MpathDevice path = rig.Paths[0];
        Assert.Throws<InvalidOperationException>(() => rig.Head.Add(path));
        Assert.Throws<InvalidOperationException>(() => other.Head.Add(path));
        Assert.Throws<ArgumentException>(() => other.Head.Remove(path));
        Assert.Throws<ArgumentException>(() => rig.Head.Remove(rig.NewPath()));

        rig.Head.Remove(path);

        Assert.Throws<InvalidOperationException>(() => rig.Head.Add(path));
        Assert.True(path.IsRemoved);
    }

    [Fact]
    public void A_driver_that_throws_does_not_leave_a_path_half_removed()
    {
        using Rig rig = new(2);
        rig[0].OnAbortAll = () => throw new InvalidOperationException("bad driver");
        rig[0].OnRelease = () => throw new InvalidOperationException("bad driver");

        rig.Head.Remove(rig.Paths[0]);

        Assert.Equal([rig.Paths[1]], rig.Head.Paths);
        Assert.Equal(1, rig.Log.Count(305));
    }

    [Fact]
    public void Two_controllers_of_a_head_have_two_ids_unless_one_of_them_goes()
    {
        using Rig rig = new(0, delay: 10);
        MpathController first = new(1);
        rig.AddPath(controller: first);
        rig.AddPath(controller: first);
        MpathDevice third = rig.NewPath(controller: new MpathController(1));
        Assert.Throws<ArgumentException>(() => rig.Head.Add(third));

        rig[0].OnAbortAll = () => rig.Head.Remove(rig.Paths[1]);
        rig.Head.Remove(rig.Paths[0]);
        rig.Head.Add(third);

        Assert.Equal([third], rig.Head.Paths);
    }

    [Fact]
    public void The_statistics_of_a_removed_path_can_still_be_read()
    {
        using Rig rig = new(2);
        rig.Pick(3);
        rig.Head.Remove(rig.Paths[0]);
        Assert.Equal(3, rig.Paths[0].Statistics.Io.Ios);
    }
}
