using System.Diagnostics;
using LibMultipath.Block;
using LibMultipath.Diagnostics;
using LibMultipath.Disk;
using LibMultipath.Tests.Paths;
using LibMultipath.Tests.Zones;

namespace LibMultipath.Tests.Diagnostics;

/// <summary>Listeners that come, go, take nothing or throw, and heads that are attached and detached meanwhile.</summary>
[Collection(DiagnosticsGroup.Name)]
public sealed class ActivityListenerTests
{
    [Fact]
    public void A_write_that_waits_for_its_zone_is_a_child_of_its_own_submitter_s_activity()
    {
        const long Zone = ZoneRig.ZoneSectors;
        using ZoneRig rig = new(1);
        rig.Do(BioOp.Write, Zone, 1);
        using IDisposable attached = MpathDiagnostics.Attach(rig.Rig.Head);
        using ActivityRecorder recorder = new();
        rig.Rig[0].Hold = true;
        Activity first = new Activity("first").Start();
        rig.Submit(BioOp.Write, Zone + 1, 1);
        first.Stop();
        Activity second = new Activity("second").Start();
        rig.Submit(BioOp.Write, Zone + 2, 1);
        second.Stop();
        Assert.Single(rig.Rig[0].Held);
        rig.Rig[0].Hold = false;

        rig.CarryOut(rig.Rig[0].Take());

        Assert.Equal([first, second], recorder.Ios.Select(io => io.Parent));
        Assert.Equal(2, recorder.Attempts.Count);
        Assert.Equal(4, recorder.Started.Count);
    }

    [Fact]
    public void What_is_sampled_out_is_asked_for_once_and_has_no_attempts()
    {
        using Rig rig = new(0);
        rig.AddPath(limits: new QueueLimits { MaxSectors = 8 });
        using IDisposable attached = MpathDiagnostics.Attach(rig.Head);
        using ActivityRecorder recorder = new(ActivitySamplingResult.None);
        var nested = new Io(Bio.Rent(BioOp.Read, 0, new byte[512]));
        var split = new Io(Bio.Rent(BioOp.Read, 0, new byte[64 * 512])) { Then = _ => rig.Disk.Submit(nested.Bio) };

        rig.Disk.Submit(split.Bio);

        nested.AssertEnded(BlockStatus.Ok);
        Assert.Equal(9, rig[0].Submitted);
        Assert.Equal(2, recorder.Asked);
        Assert.Empty(recorder.Started);
        Assert.Null(MpathIo.Of(split.Bio).Trace);
        Assert.Null(MpathIo.Of(nested.Bio).Trace);
    }

    [Fact]
    public void What_is_only_passed_on_has_no_tags()
    {
        using Rig rig = new(1);
        using IDisposable attached = MpathDiagnostics.Attach(rig.Head);
        using ActivityRecorder recorder = new(ActivitySamplingResult.PropagationData);

        rig.Submit();

        Assert.Equal(2, recorder.Stopped.Count);
        Assert.All(recorder.Stopped, activity => Assert.Null(activity.GetTagItem("mpath.operation")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nothing_is_allocated_while_nobody_listens_or_all_is_sampled_out(bool listened)
    {
        using Rig rig = new(2);
        using IDisposable attached = MpathDiagnostics.Attach(rig.Head);

        // Without a caller's the I/O would begin a trace, and the runtime makes up an id of it for the sampler.
        using Activity caller = new Activity("caller").Start();
        using ActivityRecorder? recorder = listened ? new(ActivitySamplingResult.None) : null;
        using Bio first = Bio.Rent(BioOp.Read, 0, new byte[512]);
        using Bio second = Bio.Rent(BioOp.Read, 0, new byte[512]);
        first.State = second;
        first.EndIo = bio => rig.Disk.Submit((Bio)bio.State!);
        second.EndIo = static _ => { };
        for (int path = 0; path < 2; path++)
        {
            rig[path].Observe = null;
        }

        Submit(100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Submit(1000);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

#if DEBUG
        // A debug build keeps a record of each read section.
        Assert.InRange(allocated, 0, 1000 * 2048);
#else
        Assert.Equal(0, allocated);
#endif

        void Submit(int times)
        {
            for (int i = 0; i < times; i++)
            {
                rig.Disk.Submit(first);
            }
        }
    }

    [Fact]
    public void A_listener_that_comes_in_the_middle_of_an_IO_sees_nothing_of_it()
    {
        using Rig rig = new(2);
        using IDisposable attached = MpathDiagnostics.Attach(rig.Head);
        rig[0].Hold = true;
        Io io = rig.Submit();
        using ActivityRecorder recorder = new();

        rig[0].Take().FailPath(BlockStatus.Transport);
        rig.Work.RunAll();

        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal(0, recorder.Asked);
        rig[0].Hold = false;
        rig.Disk.Submit(io.Bio);
        Assert.Single(recorder.Ios);
    }

    [Fact]
    public void A_listener_that_goes_in_the_middle_of_an_IO_does_not_keep_it_from_ending()
    {
        using Rig rig = new(1);
        using IDisposable attached = MpathDiagnostics.Attach(rig.Head);
        rig[0].Hold = true;
        var gone = new ActivityRecorder();
        Io io = rig.Submit();
        gone.Dispose();
        rig[0].Take().Complete(BlockStatus.Ok);
        Assert.All(gone.Started, activity => Assert.True(activity.IsStopped));

        using ActivityRecorder recorder = new();
        rig[0].Hold = false;
        rig.Disk.Submit(io.Bio);

        Assert.Equal(2, recorder.Started.Count);
        Assert.Equal(2, recorder.Stopped.Count);
        Assert.DoesNotContain(recorder.Started[0], gone.Started);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_under_way_when_its_head_is_detached_does_not_come_into_the_bio_s_next_life(bool attachedAgain)
    {
        using Rig rig = new(2);
        using ActivityRecorder recorder = new();
        IDisposable first = MpathDiagnostics.Attach(rig.Head);
        rig[0].Hold = true;
        Io io = rig.Submit();
        first.Dispose();
        IDisposable? second = attachedAgain ? MpathDiagnostics.Attach(rig.Head) : null;
        rig[0].Take().FailPath(BlockStatus.Transport);
        rig.Work.RunAll();
        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal(2, recorder.Started.Count);
        Assert.Empty(recorder.Stopped);

        second ??= MpathDiagnostics.Attach(rig.Head);
        rig[0].Hold = false;
        rig.Disk.Submit(io.Bio);

        Assert.Equal(4, recorder.Started.Count);
        Assert.Equal([recorder.Started[3], recorder.Started[2]], recorder.Stopped);
        second.Dispose();
    }

    [Fact]
    public void A_head_that_is_attached_twice_is_shown_once_until_both_have_let_it_go()
    {
        using Rig rig = new(1);
        using ActivityRecorder recorder = new();
        IDisposable first = MpathDiagnostics.Attach(rig.Head);
        IDisposable second = MpathDiagnostics.Attach(rig.Head);
        rig.Submit();
        Assert.Single(recorder.Ios);

        first.Dispose();
        first.Dispose();
        rig.Submit();
        Assert.Equal(2, recorder.Ios.Count);

        second.Dispose();
        rig.Submit();
        Assert.Equal(2, recorder.Ios.Count);
        Assert.False(rig.Head.Hooks.BioTaken.IsAttached);
        Assert.False(rig.Head.Hooks.PartsEnded.IsAttached);
    }

    [Fact]
    public void A_listener_that_throws_harms_neither_the_IO_nor_the_next_one_nor_the_thread()
    {
        using Rig rig = new(1);
        using IDisposable attached = MpathDiagnostics.Attach(rig.Head);
        using ActivityRecorder recorder = new() { OnStarted = _ => throw new InvalidOperationException("bad listener") };
        Io io = rig.Submit();
        io.AssertEnded(BlockStatus.Ok);
        Assert.Null(Activity.Current);
        recorder.OnStarted = null;
        recorder.OnStopped = _ => throw new InvalidOperationException("bad listener");
        rig.Disk.Submit(io.Bio);
        Assert.Null(Activity.Current);
        recorder.OnStopped = null;
        int before = recorder.Ios.Count;

        rig.Disk.Submit(io.Bio);

        Assert.Equal(before + 1, recorder.Ios.Count);
        Assert.Equal(3, io.Ends);
        Assert.True(rig.Head.Hooks.BioEnded.Faults > 0);
    }

    [Fact]
    public void The_activities_of_a_head_that_is_removed_end()
    {
        using ActivityRecorder recorder = new();
        using Rig rig = new(1);
        using IDisposable attached = MpathDiagnostics.Attach(rig.Head);
        rig.LoseAll();
        Io io = rig.Submit();

        rig.Dispose();

        Assert.True(io.HasEnded);
        Assert.Equal("BLK_STS_IOERR", Assert.Single(recorder.Ios).StatusDescription);
    }
}
