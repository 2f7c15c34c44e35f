using LibMultipath.Block;
using LibMultipath.Paths;

namespace LibMultipath.Tests.Paths;

public sealed class ControllerTests
{
    [Fact]
    public void A_controller_disables_its_paths_and_enables_them_again()
    {
        MpathController shared = new(1, MpathControllerState.Connecting);
        using Rig one = new(0);
        using Rig two = new(0);
        one.AddPath(controller: shared);
        two.AddPath(controller: shared);
        MpathDevice[] paths = [one.Paths[0], two.Paths[0]];
        Assert.All(paths, path => Assert.True(path.IsDisabled));
        Assert.False(one.Disk.IsLive);

        foreach (MpathControllerState from in Enum.GetValues<MpathControllerState>())
        {
            foreach (MpathControllerState to in Enum.GetValues<MpathControllerState>())
            {
                shared.State = from;
                shared.State = to;
                Assert.Equal(to, shared.State);
                bool usable = to is MpathControllerState.Live or MpathControllerState.Deleting;
                Assert.All(paths, path => Assert.Equal(usable, path.IsUsable));
                Assert.All(paths, path => Assert.Equal(!usable, path.IsDisabled));
            }
        }

        Assert.True(one.Disk.IsLive);
        Assert.True(two.Disk.IsLive);
    }

    [Fact]
    public void Io_that_waits_goes_on_when_a_controller_comes_back_and_fails_when_the_last_one_dies()
    {
        using Rig rig = new(2);
        rig.Paths[0].Controller.State = MpathControllerState.Resetting;
        rig.Paths[1].Controller.State = MpathControllerState.Connecting;
        Io first = rig.Submit();
        rig.Paths[0].Controller.State = MpathControllerState.Live;
        rig.Work.RunAll();
        first.AssertEnded(BlockStatus.Ok);

        rig.Paths[0].Controller.State = MpathControllerState.Resetting;
        Io second = rig.Submit();
        rig.Paths[0].Controller.State = MpathControllerState.Dead;
        rig.Work.RunAll();
        Assert.False(second.HasEnded);
        rig.Paths[1].Controller.State = MpathControllerState.Dead;
        rig.Work.RunAll();
        second.AssertEnded(BlockStatus.IoError);
    }

    [Fact]
    public void A_state_that_is_set_again_changes_nothing()
    {
        using Rig rig = new(1);
        int changes = 0;
        using IDisposable changed = rig.Head.Hooks.PathStateChanged.Attach((scoped in PathStateChangedArgs _) => changes++);

        rig.Paths[0].Controller.State = MpathControllerState.Live;
        rig.Paths[0].AccessState = MpathAccessState.Optimized;

        Assert.Equal(0, changes);
    }

    [Fact]
    public void A_removed_path_is_none_of_its_controllers_business_any_more()
    {
        using Rig rig = new(2);
        rig.Head.Remove(rig.Paths[0]);
        int changes = 0;
        using IDisposable changed = rig.Head.Hooks.PathStateChanged.Attach((scoped in PathStateChangedArgs _) => changes++);

        rig.Paths[0].Controller.State = MpathControllerState.Dead;

        Assert.Equal(0, changes);
    }

    [Fact]
    public void What_is_no_controller_or_state_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new MpathController(-1));
        using Rig rig = new(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => rig.Paths[0].AccessState = (MpathAccessState)3);
        Assert.Equal(MpathAccessState.Optimized, rig.Paths[0].AccessState);
        Assert.Throws<ArgumentOutOfRangeException>(() => new MpathDevice(new MpathController(9), rig[0], -2));
    }
}
