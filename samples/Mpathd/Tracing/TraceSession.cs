using System.Buffers;
using System.Text.Json;
using System.Threading.Channels;
using LibMultipath.Paths;
using Mpathd.Control;

namespace Mpathd.Tracing;

/// <summary>
/// Sends the events of hook points to a client, a line each, for as long as it reads. The data path never waits for a
/// client: what is not read in time is dropped, and the client is told how much.
/// </summary>
internal sealed class TraceSession : IControlSession
{
    // A client is behind by as many at most.
    private const int MostKept = 16_384;
    private const int MostInOne = 1024;

    private readonly Channel<TraceEvent> _events = Channel.CreateBounded<TraceEvent>(new BoundedChannelOptions(MostKept) { SingleReader = true });
    private readonly IDisposable[] _attachments;
    private long _dropped;

    /// <summary>Makes one: nothing is missed from here on.</summary>
    /// <param name="hooks">The disk's.</param>
    /// <param name="points">What is told.</param>
    public TraceSession(MpathHooks hooks, TracePoint[] points) => _attachments = [.. points.Select(point => point.Attach(hooks, Tell))];

    public async Task RunAsync(ControlChannel channel, CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task sending = SendAsync(channel, end.Token);
        await Task.WhenAny(sending, channel.WaitForEndAsync(end.Token)).ConfigureAwait(false);
        await end.CancelAsync().ConfigureAwait(false);
        await sending.ConfigureAwait(false);
    }

    // It waits for who is at a point just now. The pool's threads may all be waiting for the disk.
    public async ValueTask DisposeAsync() => await Task.Factory.StartNew(
        () => Array.ForEach(_attachments, attachment => attachment.Dispose()), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);

    private void Tell(TraceEvent found)
    {
        long dropped = Volatile.Read(ref _dropped) == 0 ? 0 : Interlocked.Exchange(ref _dropped, 0);
        if (!_events.Writer.TryWrite(found with { DroppedBefore = dropped }))
        {
            Interlocked.Add(ref _dropped, dropped + 1);
        }
    }

    private async Task SendAsync(ControlChannel channel, CancellationToken stop)
    {
        var lines = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(lines);
        while (await _events.Reader.WaitToReadAsync(stop).ConfigureAwait(false))
        {
            lines.ResetWrittenCount();
            for (int written = 0; written < MostInOne && _events.Reader.TryRead(out TraceEvent found); written++)
            {
                WriteDropped(lines, writer, found.DroppedBefore);
                Write(lines, writer, TraceLine.Of(in found));
            }

            if (!_events.Reader.TryPeek(out _))
            {
                // Nothing is behind what was dropped last, and may never be.
                WriteDropped(lines, writer, Interlocked.Exchange(ref _dropped, 0));
            }

            await channel.SendAsync(lines.WrittenMemory, stop).ConfigureAwait(false);
        }
    }

    private static void WriteDropped(ArrayBufferWriter<byte> lines, Utf8JsonWriter writer, long count)
    {
        if (count > 0)
        {
            Write(lines, writer, TraceLine.Dropped(count));
        }
    }

    private static void Write(ArrayBufferWriter<byte> lines, Utf8JsonWriter writer, TraceLine line)
    {
        writer.Reset(lines);
        JsonSerializer.Serialize(writer, line, ControlJson.Default.TraceLine);
        lines.Write("\n"u8);
    }
}
