using LibMultipath.Block;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Disk;

/// <summary>A path that has changed since an attempt began deserves another try, whenever the attempt ends.</summary>
public sealed class FailureGenerationTests
{
    [Fact]
    public void A_failure_from_before_a_path_came_back_does_not_count_against_it()
    {
        using var rig = new Rig(paths: 1);
        rig[0].Hold = true;
        Io io = rig.Submit();

        rig.Paths[0].SetDown();
        rig.Paths[0].SetLive();
        rig[0].Hold = false;
        rig[0].Take().FailPath(BlockStatus.Transport);
        rig.Work.RunAll();

        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal([0, 0], rig.Picks);
    }

    [Fact]
    public void A_failure_since_the_path_came_back_does_count()
    {
        using var rig = new Rig(paths: 1);
        rig[0].Hold = true;
        Io io = rig.Submit();

        rig.Paths[0].SetDown();
        rig.Paths[0].SetLive();
        rig[0].Hold = false;
        rig[0].FailWith(BlockStatus.Offline);
        rig[0].Take().FailPath(BlockStatus.Transport);
        rig.Work.RunAll();

        io.AssertEnded(BlockStatus.Offline);
        Assert.Equal([0, 0], rig.Picks);
    }
}
