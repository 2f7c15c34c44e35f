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

    private readonly UserRingBuffer _ring = new();
    private readonly FeedTarget _target;
    private long _applied;
    private long _refused;

    public FeedSession(FeedTarget target) => _target = target;

    public async Task RunAsync(ControlChannel channel, CancellationToken stop)
    {
        // The descriptors come with a byte, which a reader of lines would take; so the monitor says when it is ready for them.
        if (await channel.ReadLineAsync(stop).ConfigureAwait(false) is null)
        {
            return;
        }

        using (UserRingDescriptors descriptors = _ring.DescriptorsForProducer())
        {
            descriptors.Send(channel.Socket);
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task taking = TakeAsync(channel, end.Token);
        Task first = await Task.WhenAny(taking, channel.WaitForEndAsync(end.Token)).ConfigureAwait(false);
        await end.CancelAsync().ConfigureAwait(false);
        await taking.ConfigureAwait(false);
        if (first != taking && !stop.IsCancellationRequested)
        {
            // Whatever it had begun when it died is not waited for.
            _ = _ring.SkipDead(out _);
            await TakeAllAsync(channel).ConfigureAwait(false);
            await SendAsync(channel, new FeedReport { Applied = _applied, Refused = _refused }).ConfigureAwait(false);
        }
    }

    public ValueTask DisposeAsync()
    {
        _ring.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task TakeAsync(ControlChannel channel, CancellationToken end)
    {
        try
        {
            while (await TakeAllAsync(channel).ConfigureAwait(false))
            {
                await _ring.WaitAsync(Timeout.Infinite, end).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            return;
        }
    }

    /// <summary>Takes what there is; false if nothing will come any more.</summary>
    private async Task<bool> TakeAllAsync(ControlChannel channel)
    {
        while (true)
        {
            var taker = new Taker(_target);
            UserRingDrain drained = _ring.Drain(ref taker);
            _applied += taker.Applied;
            if (taker.Last is { } last)
            {
                // One that blocks, or is refused: the drain has stopped there, so that all are taken in order.
                string? problem = taker.Problem ?? await _target.ChangeAsync(last).ConfigureAwait(false);
                await CountAsync(channel, last, problem).ConfigureAwait(false);
            }
            else if (drained.Error != Errno.None)
            {
                await SendAsync(channel, new FeedReport { Problem = $"the ring is broken ({drained.Error}: {_ring.Fault}); the feed has ended" }).ConfigureAwait(false);
                return false;
            }
            else if (drained.Count == 0)
            {
                return true;
            }
        }
    }

    private async Task CountAsync(ControlChannel channel, FeedRecord record, string? problem)
    {
        if (problem is null)
        {
            _applied++;
        }
        else if (++_refused <= MostProblems)
        {
            await SendAsync(channel, new FeedReport { Tag = record.Tag, Problem = problem }).ConfigureAwait(false);
        }
    }

    private static Task SendAsync(ControlChannel channel, FeedReport report) => channel.SendAsync(ControlJson.Line(report), CancellationToken.None);

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
