using System.Diagnostics;
using LibMultipath.Block;
using LibMultipath.Nbd.Client;
using LibMultipath.Nbd.Tests.Kit.Load;
using LibMultipath.Nbd.Tests.Kit.Raw;
using LibMultipath.Nbd.Tests.Kit.Rig;
using LibMultipath.Nbd.Tests.Kit.Tools;
using LibMultipath.Paths;

namespace LibMultipath.Nbd.Tests.Paths;

/// <summary>
/// A write that was under way when the connection was lost: a server that lives may still carry it out, so it goes to
/// another path only when that cannot be any more. The first path's server takes a request and closes, and from then on
/// works, as the second's does. It listens on a port: whose process it is, is not known then.
/// </summary>
public sealed class LostWriteTests : IDisposable
{
    private static readonly TimeSpan s_never = TimeSpan.FromHours(1);

    private readonly TempFolder _folder = new();
    private readonly NbdRig _rig = new();
    private readonly RawStore _store = new(1 << 20);
    private readonly RawServer _first;
    private readonly RawServer _second;
    private readonly ManualResetEventSlim _lost = new();
    private Action _uponRequest = () => { };

    public LostWriteTests()
    {
        _first = new RawServer(Script);
        _second = RawServer.Honest(_folder, "second", new RawExport(1 << 20), _store);
    }

    public void Dispose()
    {
        // So that what is still held is let go of.
        _first.Dispose();
        _rig.Dispose();
        _second.Dispose();
        _folder.Dispose();
        _lost.Dispose();
    }

    [Fact]
    public async Task A_write_waits_for_the_abort_time_when_the_server_takes_another_connection()
    {
        TimeSpan abort = TimeSpan.FromSeconds(1.5);
        Add(abort);
        long start = Stopwatch.GetTimestamp();

        BlockStatus status = await Write().AsTask().WaitAsync(Eventually.Limit);

        Assert.Equal(BlockStatus.Ok, status);
        Assert.True(Stopwatch.GetElapsedTime(start) >= abort, $"It waited only {Stopwatch.GetElapsedTime(start)}.");
        Eventually.True(() => _first.Connections > 1, "the next connection");
        Assert.Equal(7, _store.Data[0]);
    }

    [Fact]
    public async Task A_write_waits_for_the_abort_time_when_the_server_hangs()
    {
        TimeSpan abort = TimeSpan.FromSeconds(1.5);
        Add(abort);
        _first.Script = peer => peer.AwaitEnd();
        long start = Stopwatch.GetTimestamp();

        BlockStatus status = await Write().AsTask().WaitAsync(Eventually.Limit);

        Assert.Equal(BlockStatus.Ok, status);
        Assert.True(Stopwatch.GetElapsedTime(start) >= abort, $"It waited only {Stopwatch.GetElapsedTime(start)}.");
    }

    [Fact]
    public async Task A_write_goes_on_at_once_when_the_server_refuses()
    {
        Add(s_never);
        _uponRequest = () => _first.Refuse();

        Assert.Equal(BlockStatus.Ok, await Write().AsTask().WaitAsync(Eventually.Limit));
        Assert.Equal(7, _store.Data[0]);
    }

    [Fact]
    public async Task A_write_that_waits_goes_on_when_the_server_refuses_later()
    {
        Add(s_never);
        Task<BlockStatus> write = Write().AsTask();
        Assert.True(_lost.Wait(Eventually.Limit));
        Eventually.True(() => _first.Connections > 1, "the next connection");
        Assert.False(write.IsCompleted);

        _first.Refuse();
        _first.CloseAll();

        Assert.Equal(BlockStatus.Ok, await write.WaitAsync(Eventually.Limit));
        Assert.Equal(7, _store.Data[0]);
    }

    [Fact]
    public async Task A_write_does_not_go_on_when_a_process_refuses_that_is_known_to_live()
    {
        // This one, which has stopped to listen on its socket, and could still carry the write out.
        TimeSpan abort = TimeSpan.FromSeconds(1);
        using var lives = new RawServer(_folder, "lives", Script);
        Add(abort, first: lives);
        _uponRequest = lives.Refuse;
        long start = Stopwatch.GetTimestamp();

        Assert.Equal(BlockStatus.Ok, await Write().AsTask().WaitAsync(Eventually.Limit));

        Assert.True(Stopwatch.GetElapsedTime(start) >= abort, $"It waited only {Stopwatch.GetElapsedTime(start)}.");
    }

    [Fact]
    public async Task A_read_goes_on_at_once()
    {
        _store.Data.AsSpan().Fill(5);
        Add(s_never);
        byte[] buffer = new byte[512];

        Assert.Equal(BlockStatus.Ok, await _rig.Disk.ReadAsync(0, buffer).AsTask().WaitAsync(Eventually.Limit));

        Assert.Equal(Data.Filled(512, 5), buffer);
    }

    [Fact]
    public async Task A_flush_goes_on_at_once()
    {
        Add(s_never);

        Assert.Equal(BlockStatus.Ok, await _rig.Disk.FlushAsync().AsTask().WaitAsync(Eventually.Limit));
    }

    [Theory]
    [InlineData(BioOp.Discard)]
    [InlineData(BioOp.WriteZeroes)]
    public async Task A_discard_and_a_write_of_zeroes_wait_as_writes_do(BioOp op)
    {
        TimeSpan abort = TimeSpan.FromSeconds(1);
        Add(abort);
        using Bio bio = Bio.Rent(op, 0, 4096);
        long start = Stopwatch.GetTimestamp();

        Assert.Equal(BlockStatus.Ok, await _rig.Disk.SubmitAsync(bio).AsTask().WaitAsync(Eventually.Limit));

        Assert.True(Stopwatch.GetElapsedTime(start) >= abort, $"It waited only {Stopwatch.GetElapsedTime(start)}.");
    }

    [Fact]
    public async Task A_new_write_does_not_wait_for_a_lost_one()
    {
        Add(s_never);
        Task<BlockStatus> lost = Write().AsTask();
        Assert.True(_lost.Wait(Eventually.Limit));

        // What is sent before the path knows of the loss is lost as well.
        Eventually.True(() => _first.Connections > 1, "the next connection");
        Assert.Equal(BlockStatus.Ok, await _rig.Disk.WriteAsync(1024, Data.Filled(512, 8)).AsTask().WaitAsync(Eventually.Limit));

        Assert.False(lost.IsCompleted);
        _first.Refuse();
        _first.CloseAll();
        Assert.Equal(BlockStatus.Ok, await lost.WaitAsync(Eventually.Limit));
    }

    [Fact]
    public async Task A_write_that_timed_out_waits_too()
    {
        TimeSpan abort = TimeSpan.FromSeconds(1);
        var carriesOutLate = new TaskCompletionSource();
        _uponRequest = () => carriesOutLate.Task.Wait();
        Add(abort, ioTimeout: TimeSpan.FromMilliseconds(500));
        long start = Stopwatch.GetTimestamp();

        Assert.Equal(BlockStatus.Ok, await Write().AsTask().WaitAsync(Eventually.Limit));

        Assert.True(Stopwatch.GetElapsedTime(start) >= abort + TimeSpan.FromMilliseconds(500), $"It waited only {Stopwatch.GetElapsedTime(start)}.");
        carriesOutLate.SetResult();
    }

    private void Script(RawServerPeer peer)
    {
        peer.Negotiate(new RawExport(1 << 20));
        if (peer.Number > 0)
        {
            peer.Serve(_store);
            return;
        }

        peer.ReadRequest();
        _uponRequest();
        peer.Dispose();
        _lost.Set();
    }

    // The first path is used while it works.
    private void Add(TimeSpan abort, TimeSpan? ioTimeout = null, RawServer? first = null)
    {
        Func<NbdPathOptions, NbdPathOptions> with = options => options with { AbortTime = abort, IoTimeout = ioTimeout ?? options.IoTimeout };
        _rig.Add(Addresses.Of(first ?? _first), with, Times.Quick);
        _rig.Add(Addresses.Of(_second), with, Times.Quick, state: MpathAccessState.NonOptimized);
    }

    private ValueTask<BlockStatus> Write() => _rig.Disk.WriteAsync(0, Data.Filled(512, 7));
}
