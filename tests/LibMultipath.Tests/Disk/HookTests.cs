using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Disk;

public sealed class HookTests
{
    [Fact]
    public void Each_place_is_told_as_often_as_a_bio_passes_it()
    {
        using Rig rig = new(2);
        var told = new List<string>();
        using IDisposable submitted = rig.Head.Hooks.BioSubmitted.Attach((scoped in BioSubmittedArgs args) => told.Add($"submitted to {args.Bio.Device}"));
        using IDisposable remapped = rig.Head.Hooks.BioRemapped.Attach((scoped in BioRemappedArgs args) => told.Add($"{args.From} to {args.To}, aimed at {args.Bio.Device}"));
        using IDisposable attempted = rig.Head.Hooks.AttemptEnded.Attach((scoped in AttemptEndedArgs args) => told.Add($"{args.Path.Name} {args.Outcome} {args.Status}"));
        using IDisposable ended = rig.Head.Hooks.BioEnded.Attach((scoped in BioEndedArgs args) => told.Add($"ended {args.Status}"));
        rig[0].FailWith(BlockStatus.Transport);

        rig.Submit();
        rig.Work.RunAll();

        Assert.Equal(
            [
                "submitted to head", "head to path0, aimed at path0", "path0 PathError Transport",
                "head to path1, aimed at path1", "path1 Done Ok", "ended Ok",
            ], told);
    }

    [Fact]
    public void The_end_is_told_once_however_a_bio_ends()
    {
        using Rig rig = new(1);
        var told = new List<BlockStatus>();
        using IDisposable ended = rig.Head.Hooks.BioEnded.Attach((scoped in BioEndedArgs args) => told.Add(args.Status));

        rig.Submit();
        rig[0].OnSubmit = attempt => attempt.Complete(BlockStatus.Medium);
        rig.Submit();
        rig[0].FailWith(BlockStatus.Offline);
        rig.Submit();
        rig.Work.RunAll();
        rig.LoseAll();
        rig.Submit(BioFlags.NoWait);
        rig.Submit();
        rig.Paths[0].Controller.State = MpathControllerState.Dead;
        rig.Work.RunAll();

        Assert.Equal([BlockStatus.Ok, BlockStatus.Medium, BlockStatus.Offline, BlockStatus.Again, BlockStatus.IoError], told);
    }

    [Fact]
    public void A_change_of_a_path_is_told_with_its_new_state()
    {
        using Rig rig = new(1);
        var told = new List<string>();
        using IDisposable changed = rig.Head.Hooks.PathStateChanged.Attach((scoped in PathStateChangedArgs args) => told.Add(args.Path.ToString()));

        rig.Paths[0].AccessState = MpathAccessState.NonOptimized;
        rig.Paths[0].SetDown();
        rig.Paths[0].Controller.State = MpathControllerState.Resetting;

        Assert.Equal(["path0 (NonOptimized)", "path0 (NonOptimized, disabled)", "path0 (NonOptimized, disabled)"], told);
    }

    [Fact]
    public void A_hook_that_throws_harms_nothing()
    {
        using Rig rig = new(2);
        using IDisposable remapped = rig.Head.Hooks.BioRemapped.Attach((scoped in BioRemappedArgs _) => throw new InvalidOperationException("bad hook"));
        using IDisposable ended = rig.Head.Hooks.BioEnded.Attach((scoped in BioEndedArgs _) => throw new InvalidOperationException("bad hook"));

        rig.Submit().AssertEnded(BlockStatus.Ok);

        Assert.Equal(1, rig.Head.Hooks.BioRemapped.Faults);
        Assert.Equal(1, rig.Head.Hooks.BioEnded.Faults);
    }

    [Fact]
    public void A_hook_can_be_detached_when_its_head_is_gone()
    {
        Rig rig = new(1);
        IDisposable attachment = rig.Head.Hooks.BioEnded.Attach((scoped in BioEndedArgs _) => { });
        rig.Dispose();

        attachment.Dispose();

        Assert.False(rig.Head.Hooks.BioEnded.IsAttached);
    }
}
