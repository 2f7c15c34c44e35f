using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Disk;

public sealed class CloneTests
{
    [Fact]
    public void The_path_gets_the_clone_and_the_submitter_its_bio_back()
    {
        // Not the pool's, which gives a clone that came back to whoever wants a bio next, such as another test.
        Bio clone = new();
        CloningTemplate template = new()
        {
            OnClone = (bio, _) =>
            {
                clone.Reset(bio.Op, bio.Sector, bio.Flags);
                clone.AddSegment(bio.Segments[0]);
                return clone;
            },
        };
        using Rig rig = new(1, template: template);
        rig[0].Hold = true;

        Io io = rig.Submit(sector: 16);

        BioAttempt attempt = rig[0].Take();
        Assert.Same(clone, attempt.Bio);
        Assert.Equal(16, clone.Sector);
        Assert.Same(rig[0], clone.Device);
        Assert.Same(rig[0], io.Bio.Device);
        Assert.False(io.HasEnded);
        Assert.True(clone.IsSubmitted);
        attempt.Complete(BlockStatus.Ok);
        io.AssertEnded(BlockStatus.Ok);
        Assert.False(clone.IsSubmitted);
        Assert.Equal(0, rig.Paths[0].InFlight);
    }

    [Fact]
    public void Every_attempt_gets_a_clone_of_its_own()
    {
        CloningTemplate template = new();
        var cloned = new List<string>();
        template.OnClone = (bio, path) =>
        {
            cloned.Add(path.Name);
            return CloningTemplate.Clone(bio);
        };
        using Rig rig = new(2, template: template);
        int shortages = 1;
        rig[0].OnSubmit = attempt => attempt.End(shortages-- > 0 ? BlockStatus.Resource : BlockStatus.Transport);

        Io io = rig.Submit();
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        rig.Work.RunAll();

        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal(["path0", "path0", "path1"], cloned);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Without_a_clone_the_bio_ends_with_resource_and_nothing_is_held(bool throws)
    {
        CloningTemplate template = new() { OnClone = (_, _) => throws ? throw new InvalidOperationException("bad driver") : null };
        using Rig rig = new(1, template: template);
        int told = 0;
        using IDisposable ended = rig.Head.Hooks.BioEnded.Attach((scoped in BioEndedArgs _) => told++);

        rig.Submit().AssertEnded(BlockStatus.Resource);

        Assert.Equal(1, told);
        Assert.Empty(rig.Picks);
        Assert.Equal(0, rig.Paths[0].InFlight);
        Assert.Equal(throws ? 1 : 0, rig.Log.Count(405));
        template.OnClone = static (bio, _) => CloningTemplate.Clone(bio);
        rig.Submit().AssertEnded(BlockStatus.Ok);
    }

    [Fact]
    public async Task Cancelling_asks_the_driver_of_the_clone()
    {
        using Rig rig = new(1, template: new CloningTemplate());
        rig[0].Hold = true;
        rig[0].OnAbort = attempt => attempt.End(BlockStatus.Transport);
        using Bio bio = Bio.Rent(BioOp.Read, 0, new byte[512]);
        using CancellationTokenSource source = new();
        ValueTask<BlockStatus> task = rig.Disk.SubmitAsync(bio, source.Token);

        source.Cancel();

        await Assert.ThrowsAsync<OperationCanceledException>(async () => await task);
        Assert.Equal(1, rig[0].Aborts);
        Assert.Equal(BlockStatus.Again, bio.Status);
        rig[0].Take();
    }

    [Fact]
    public async Task Cancelling_before_the_driver_has_the_clone_is_not_forgotten()
    {
        CloningTemplate template = new();
        using Rig rig = new(1, template: template);
        using CancellationTokenSource source = new();
        template.OnClone = (bio, _) =>
        {
            source.Cancel();
            return CloningTemplate.Clone(bio);
        };
        rig[0].Hold = true;
        rig[0].OnAbort = attempt => attempt.End(BlockStatus.Transport);
        using Bio bio = Bio.Rent(BioOp.Read, 0, new byte[512]);

        await Assert.ThrowsAsync<OperationCanceledException>(async () => await rig.Disk.SubmitAsync(bio, source.Token));

        Assert.Equal(1, rig[0].Aborts);
        rig[0].Take();
    }
}
