using System.Diagnostics;
using LibMultipath.Block;
using LibMultipath.Diagnostics;
using LibMultipath.Disk;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Diagnostics;

[Collection(DiagnosticsGroup.Name)]
public sealed class ActivityTests
{
    [Fact]
    public void An_IO_is_a_child_of_its_submitter_s_activity_and_an_attempt_a_child_of_the_IO()
    {
        using Rig rig = new(1);
        using IDisposable attached = MpathDiagnostics.Attach(rig.Head);
        using ActivityRecorder recorder = new();
        using Activity caller = new Activity("caller").Start();

        rig.Submit(op: BioOp.Write, sector: 8).AssertEnded(BlockStatus.Ok);

        Assert.Same(caller, Activity.Current);
        Activity io = Assert.Single(recorder.Ios);
        Activity attempt = Assert.Single(recorder.Attempts);
        Assert.Equal([attempt, io], recorder.Stopped);
        Assert.Same(caller, io.Parent);
        Assert.Same(io, attempt.Parent);
        Assert.Equal(caller.TraceId, attempt.TraceId);
        Assert.Equal(ActivityStatusCode.Unset, io.Status);
        Assert.Equal(
            ["mpath.head=head", "mpath.operation=write", "mpath.sector=8", "mpath.size=512", "mpath.status=BLK_STS_OK"], Tags(io));
        Assert.Equal(
            [
                "mpath.head=head", "mpath.operation=write", "mpath.sector=8", "mpath.size=512", "mpath.path=path0",
                "mpath.outcome=done", "mpath.status=BLK_STS_OK",
            ], Tags(attempt));
        Assert.Equal(MpathDiagnostics.ActivitySourceName, io.Source.Name);
    }

    [Fact]
    public void A_failover_is_a_failed_attempt_two_events_and_another_attempt_at_the_same_IO()
    {
        using Rig rig = new(2);
        using IDisposable attached = MpathDiagnostics.Attach(rig.Head);
        using ActivityRecorder recorder = new();
        rig[0].FailWith(BlockStatus.Transport);

        Io submitted = rig.Submit();
        Assert.Empty(recorder.Ios);
        rig.Work.RunAll();

        submitted.AssertEnded(BlockStatus.Ok);
        Activity io = Assert.Single(recorder.Ios);
        Assert.Equal(ActivityStatusCode.Unset, io.Status);
        Assert.Equal(["mpath.failover mpath.path=path0 mpath.status=BLK_STS_TRANSPORT", "mpath.requeue"], io.Events.Select(Describe));
        Assert.All(recorder.Attempts, attempt => Assert.Same(io, attempt.Parent));
        Assert.Equal(
            ["path0 path_error Error BLK_STS_TRANSPORT", "path1 done Unset "],
            recorder.Attempts.Select(attempt => $"{attempt.GetTagItem("mpath.path")} {attempt.GetTagItem("mpath.outcome")} {attempt.Status} {attempt.StatusDescription}"));
    }

    [Fact]
    public void A_retry_on_the_same_path_is_another_attempt()
    {
        using Rig rig = new(1);
        using IDisposable attached = MpathDiagnostics.Attach(rig.Head);
        using ActivityRecorder recorder = new();
        rig[0].OnSubmit = attempt =>
        {
            rig[0].OnSubmit = null;
            attempt.RetryHere(BlockStatus.Resource, TimeSpan.FromSeconds(1));
        };

        rig.Submit();
        rig.Pass(TimeSpan.FromSeconds(2));

        Assert.Equal(["retry", "done"], recorder.Attempts.Select(attempt => attempt.GetTagItem("mpath.outcome")));
        Assert.Single(recorder.Ios);
    }

    [Fact]
    public void An_IO_that_fails_is_an_error()
    {
        using Rig rig = new(1);
        using IDisposable attached = MpathDiagnostics.Attach(rig.Head);
        using ActivityRecorder recorder = new();
        rig[0].OnSubmit = attempt => attempt.Complete(BlockStatus.Medium);

        rig.Submit().AssertEnded(BlockStatus.Medium);

        Assert.Equal([ActivityStatusCode.Error, ActivityStatusCode.Error], recorder.Stopped.Select(activity => activity.Status));
        Assert.Equal("BLK_STS_MEDIUM", recorder.Ios[0].StatusDescription);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_IO_that_is_refused_is_an_error_without_attempts(bool inPartition)
    {
        using Rig rig = new(1);
        using IDisposable attached = MpathDiagnostics.Attach(rig.Head);
        using ActivityRecorder recorder = new();
        var partition = new PartitionDisk(rig.Disk, 1, 0, 1024);

        // From inside a completion, so that the partition's bio is taken before it is looked at.
        Io? refused = null;
        var first = new Io(Bio.Rent(BioOp.Read, 0, new byte[512])) { Then = _ => refused = rig.Submit(sector: 1 << 20, disk: inPartition ? partition : null) };
        rig.Disk.Submit(first.Bio);

        refused!.AssertEnded(BlockStatus.IoError);
        Assert.Equal(2, recorder.Ios.Count);
        Assert.Single(recorder.Attempts);
        Assert.Equal(ActivityStatusCode.Error, recorder.Ios[1].Status);
    }

    [Fact]
    public void Submitters_and_drivers_and_completions_find_their_own_current_activity()
    {
        using Rig rig = new(1);
        using IDisposable attached = MpathDiagnostics.Attach(rig.Head);
        using ActivityRecorder recorder = new();
        var seen = new List<Activity?>();
        rig[0].Hold = true;
        rig[0].OnAttempt = _ => seen.Add(Activity.Current);
        Activity caller = new Activity("caller").Start();
        var io = new Io(Bio.Rent(BioOp.Read, 0, new byte[512])) { Then = _ => seen.Add(Activity.Current) };
        rig.Disk.Submit(io.Bio);
        seen.Add(Activity.Current);
        caller.Stop();

        Activity? driver = null;
        var thread = new Thread(() =>
        {
            driver = new Activity("driver").Start();
            rig[0].Take().Complete(BlockStatus.Ok);
            seen.Add(Activity.Current);
        });
        thread.UnsafeStart();
        thread.Join();

        Assert.Equal([caller, caller, driver, driver], seen);
        Assert.Same(caller, Assert.Single(recorder.Ios).Parent);
        Assert.Null(Activity.Current);
    }

    [Fact]
    public void A_thread_whose_current_activity_has_ended_elsewhere_keeps_it()
    {
        using Rig rig = new(1);
        using IDisposable attached = MpathDiagnostics.Attach(rig.Head);
        using ActivityRecorder recorder = new();
        Activity caller = new Activity("caller").Start();
        var thread = new Thread(caller.Stop);
        thread.UnsafeStart();
        thread.Join();

        rig.Submit();
        Activity? kept = Activity.Current;
        Activity? without;
        using (ExecutionContext.SuppressFlow())
        {
            rig.Submit();
            without = Activity.Current;
        }

        Activity.Current = null;
        Assert.Same(caller, kept);
        Assert.Null(without);
        Assert.Equal(2, recorder.Ios.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_bio_that_is_submitted_in_a_completion_is_a_child_of_what_is_current_there(bool inPartition)
    {
        using Rig rig = new(1);
        using IDisposable attached = MpathDiagnostics.Attach(rig.Head);
        using ActivityRecorder recorder = new();
        BlockDevice disk = inPartition ? new PartitionDisk(rig.Disk, 1, 0, 1024) : rig.Disk;
        Activity? inner = null;
        Io? second = null;
        var first = new Io(Bio.Rent(BioOp.Read, 0, new byte[512]))
        {
            Then = _ =>
            {
                // The path completes at once, so this is inside of the first submission, and is started after it.
                inner = new Activity("inner").Start();
                second = rig.Submit(disk: disk, sector: 8);
                Assert.False(second.HasEnded);
                inner.Stop();
            },
        };
        using Activity outer = new Activity("outer").Start();
        disk.Submit(first.Bio);

        second!.AssertEnded(BlockStatus.Ok);
        Assert.Equal([outer, inner], recorder.Ios.Select(io => io.Parent));
        Assert.Equal(recorder.Ios, recorder.Attempts.Select(attempt => attempt.Parent));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_bio_that_is_carried_out_in_parts_is_one_IO_with_the_attempts_at_its_parts(bool cutLater)
    {
        using Rig rig = new(0);
        rig.AddPath(limits: new QueueLimits { MaxSectors = cutLater ? 1024 : 8 });
        using IDisposable attached = MpathDiagnostics.Attach(rig.Head);
        bool added = !cutLater;
        using IDisposable submitted = rig.Head.Hooks.BioSubmitted.Attach((scoped in LibMultipath.Paths.BioSubmittedArgs _) =>
        {
            if (!added)
            {
                added = true;
                LibMultipath.Paths.MpathDevice path = rig.NewPath(limits: new QueueLimits { MaxSectors = 8 });
                rig.Head.Add(path);
                path.SetReason(LibMultipath.Paths.PathState.NotLive, false);
                rig.Paths[0].SetReason(LibMultipath.Paths.PathState.NotLive, true);
            }
        });
        using ActivityRecorder recorder = new();
        using Activity caller = new Activity("caller").Start();
        var io = new Io(Bio.Rent(BioOp.Read, 0, new byte[32 * 512]));

        rig.Disk.Submit(io.Bio);
        rig.Work.RunAll();

        io.AssertEnded(BlockStatus.Ok);
        Activity shown = Assert.Single(recorder.Ios);
        Assert.Same(caller, shown.Parent);
        Assert.Equal(32 * 512L, shown.GetTagItem("mpath.size"));
        Assert.Equal([0L, 8L, 16L, 24L], recorder.Attempts.Select(attempt => attempt.GetTagItem("mpath.sector")));
        Assert.All(recorder.Attempts, attempt => Assert.Same(shown, attempt.Parent));
        Assert.Same(shown, recorder.Stopped[^1]);
        Assert.Equal(recorder.Started.Count, recorder.Stopped.Count);
    }

    [Fact]
    public void An_IO_that_waits_is_one_activity_until_it_is_cancelled()
    {
        using Rig rig = new(1);
        using IDisposable attached = MpathDiagnostics.Attach(rig.Head);
        using ActivityRecorder recorder = new();
        rig.LoseAll();
        using var cancel = new CancellationTokenSource();
        using Bio bio = Bio.Rent(BioOp.Read, 0, new byte[512]);
        ValueTask<BlockStatus> task = rig.Disk.SubmitAsync(bio, cancel.Token);
        Assert.Single(recorder.Started);
        Assert.Empty(recorder.Stopped);

        cancel.Cancel();

        Assert.True(task.IsCanceled);
        Activity io = Assert.Single(recorder.Ios);
        Assert.Equal(["mpath.requeue"], io.Events.Select(Describe));
        Assert.Equal("BLK_STS_AGAIN", io.StatusDescription);
    }

    [Fact]
    public void An_attempt_that_comes_to_nothing_for_want_of_a_clone_ends_with_its_IO()
    {
        CloningTemplate template = new() { OnClone = static (_, _) => null };
        using Rig rig = new(1, template: template);
        using IDisposable attached = MpathDiagnostics.Attach(rig.Head);
        using ActivityRecorder recorder = new();

        rig.Submit().AssertEnded(BlockStatus.Resource);
        template.OnClone = static (bio, _) => CloningTemplate.Clone(bio);
        rig.Submit().AssertEnded(BlockStatus.Ok);

        Assert.Equal([ActivityStatusCode.Error, ActivityStatusCode.Unset], recorder.Attempts.Select(attempt => attempt.Status));
        Assert.Equal(2, recorder.Ios.Count);
        Assert.Equal(4, recorder.Started.Count);
    }

    private static IEnumerable<string> Tags(Activity activity) => activity.TagObjects.Select(tag => $"{tag.Key}={tag.Value}");

    private static string Describe(ActivityEvent told) =>
        string.Join(' ', [told.Name, .. told.Tags.Select(tag => $"{tag.Key}={tag.Value}")]);
}
