using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LibMultipath.Block;
using LibMultipath.RingBuffer;
using Mpathd.Control;

namespace Mpathd.Feeding;

/// <summary>
/// Takes what a monitor says of paths out of a ring that it shares with the daemon, in order, until the monitor ends the
/// connection or dies. What cannot be is refused, record by record; a ring that is broken ends the feed.
/// </summary>
internal sealed class FeedSession : IControlSession
{
    // More are only counted.
    private const int MostProblems = 100;

    // How often it is looked whether the monitor has let go of the ring, after it has said that this is the end.
    private const int Looks = 50;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly UserRingBuffer _ring = new();
    private readonly FeedTarget _target;
    private long _applied;
    private long _refused;

    public FeedSession(FeedTarget target) => _target = target;

    public async Task RunAsync(ControlChannel channel, CancellationToken stop)
    {
        if (!await TrySendRingAsync(channel, stop).ConfigureAwait(false))
        {
            return;
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task<bool> taking = TakeAsync(channel, end.Token);
        Task first = await Task.WhenAny(taking, channel.WaitForEndAsync(end.Token)).ConfigureAwait(false);
        await end.CancelAsync().ConfigureAwait(false);
        bool isWhole = await taking.ConfigureAwait(false);
        if (first != taking && isWhole && !stop.IsCancellationRequested)
        {
            await FinishAsync(channel, stop).ConfigureAwait(false);
        }
    }

    public ValueTask DisposeAsync()
    {
        _ring.Dispose();
        return ValueTask.CompletedTask;
    }

    // The descriptors come with a byte, which a reader of lines would take; so the monitor says when it is ready for them.
    private async Task<bool> TrySendRingAsync(ControlChannel channel, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(s_patience);
        if (await channel.ReadLineAsync(limit.Token).ConfigureAwait(false) is null)
        {
            return false;
        }

        try
        {
            using UserRingDescriptors descriptors = _ring.DescriptorsForProducer();
            descriptors.Send(channel.Socket);
            return true;
        }
        catch (UserRingException exception)
        {
            await SendAsync(channel, new FeedReport { Problem = exception.Message }, stop).ConfigureAwait(false);
            return false;
        }
    }

    // What the monitor had begun when it ended is not waited for, but as long as it has the ring it may still submit that.
    private async Task FinishAsync(ControlChannel channel, CancellationToken stop)
    {
        Errno skipped;
        int looks = 0;
        while ((skipped = _ring.SkipDead(out _)) == Errno.EBUSY && looks++ < Looks)
        {
            await TakeAllAsync(channel, stop).ConfigureAwait(false);
            await Task.Delay(s_pause, stop).ConfigureAwait(false);
        }

        await TakeAllAsync(channel, stop).ConfigureAwait(false);
        string? problem = skipped == Errno.EBUSY ? "the ring was still open after the end: what lies behind a record that was not submitted is left out" : null;
        await SendAsync(channel, new FeedReport { Problem = problem, Applied = _applied, Refused = _refused }, stop).ConfigureAwait(false);
    }

    /// <summary>Takes until it is ended; false if the ring is broken.</summary>
    private async Task<bool> TakeAsync(ControlChannel channel, CancellationToken end)
    {
        try
        {
            while (await TakeAllAsync(channel, end).ConfigureAwait(false))
            {
                await _ring.WaitAsync(Timeout.Infinite, end).ConfigureAwait(false);
            }

            return false;
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            return true;
        }
    }

    /// <summary>Takes what there is; false if nothing will come any more.</summary>
    private async Task<bool> TakeAllAsync(ControlChannel channel, CancellationToken end)
    {
        while (true)
        {
            end.ThrowIfCancellationRequested();
            var taker = new Taker(_target);
            UserRingDrain drained = _ring.Drain(ref taker);
            _applied += taker.Applied;
            if (taker.Last is { } last)
            {
                // One that blocks, or is refused: the drain has stopped there, so that all are taken in order.
                string? problem = taker.Problem ?? await _target.ChangeAsync(last).ConfigureAwait(false);
                await CountAsync(channel, last, problem, end).ConfigureAwait(false);
            }
            else if (drained.Error == Errno.EOWNERDEAD)
            {
                // The monitor has died, and somebody else has its connection.
                _ = _ring.SkipDead(out _);
            }
            else if (drained.Error != Errno.None)
            {
                await SendAsync(channel, new FeedReport { Problem = $"the ring is broken ({drained.Error}: {_ring.Fault}); the feed has ended" }, end).ConfigureAwait(false);
                return false;
            }
            else if (drained.Count == 0)
            {
                return true;
            }
        }
    }

    private async Task CountAsync(ControlChannel channel, FeedRecord record, string? problem, CancellationToken end)
    {
        if (problem is null)
        {
            _applied++;
        }
        else if (++_refused <= MostProblems)
        {
            await SendAsync(channel, new FeedReport { Tag = record.Tag, Problem = problem }, end).ConfigureAwait(false);
        }
    }

    private static Task SendAsync(ControlChannel channel, FeedReport report, CancellationToken end) => channel.SendAsync(ControlJson.Line(report), end);

    private struct Taker(FeedTarget target) : IUserRingHandler
    {
        public long Applied { get; private set; }

        /// <summary>The record that it has stopped at.</summary>
        public FeedRecord? Last { get; private set; }

        /// <summary>Why that was refused; null if it is still to be carried out.</summary>
        public string? Problem { get; private set; }

        public int Handle(scoped in UserRingRecord record)
        {
            // A copy, as the other side can still write.
            FeedRecord copy = default;
            if (record.Data.Length != Unsafe.SizeOf<FeedRecord>())
            {
                Problem = $"a record has {record.Data.Length} bytes; give {Unsafe.SizeOf<FeedRecord>()}";
            }
            else
            {
                copy = MemoryMarshal.Read<FeedRecord>(record.Data);
                if (target.TryApply(copy, out string? problem))
                {
                    Applied++;
                    return 0;
                }

                Problem = problem;
            }

            Last = copy;
            return 1;
        }
    }
}
