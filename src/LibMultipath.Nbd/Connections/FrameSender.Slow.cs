using System.Buffers;
using System.IO.Pipelines;
using LibMultipath.Block;

namespace LibMultipath.Nbd.Connections;

// When the socket takes no more, and always over TLS: piece by piece, through the connection's stream, which waits.
internal sealed partial class FrameSender
{
    // What is waited for, or encrypted, at a time, about: large enough for few calls, and small enough that few copies are in
    // memory and that it shows when a slow peer still takes something.
    private const int SlowBatch = 64 * 1024;

    private readonly NativeView _view = new();

    private async Task SendSlowlyAsync()
    {
        try
        {
            do
            {
                if (_connection.IsSecure)
                {
                    await SendSecureAsync(_connection.SecureOutput!).ConfigureAwait(false);
                }
                else
                {
                    _batch!.IsBegun = true;
                    ReadOnlyMemory<byte> piece = PieceOf(_batch, _offset, SlowBatch);
                    await _connection.Stream.WriteAsync(piece).ConfigureAwait(false);
                    Advance(piece.Length);
                }
            }
            while (SendWhatFits() == Progress.Stalled);
        }
        catch (Exception exception)
        {
            Fail(exception);
        }
    }

    private async ValueTask SendSecureAsync(PipeWriter output)
    {
        int copied = 0;
        long offset = _offset;
        for (NbdFrame? frame = _batch; frame is not null && copied < SlowBatch; frame = frame.Next)
        {
            frame.IsBegun = true;
            long length = frame.HeaderLength + frame.PayloadLength;
            while (offset < length && copied < SlowBatch)
            {
                ReadOnlyMemory<byte> piece = PieceOf(frame, offset, SlowBatch);
                output.Write(piece.Span);
                copied += piece.Length;
                offset += piece.Length;
            }

            offset = 0;
        }

        // Only then has it left: who closes the connection after the last frame must not cut it off.
        await output.FlushAsync().ConfigureAwait(false);
        Advance(copied);
    }

    /// <summary>What comes next of a frame: a run of bytes in one place.</summary>
    private ReadOnlyMemory<byte> PieceOf(NbdFrame frame, long offset, int most)
    {
        if (offset < frame.HeaderLength)
        {
            return frame.Header[(int)offset..];
        }

        long skip = offset - frame.HeaderLength;
        foreach (ref readonly BioSegment segment in frame.Payload)
        {
            if (skip < segment.Length)
            {
                int length = (int)Math.Min(segment.Length - skip, most);
                return segment.IsNative
                    ? _view.Show(segment.Address + (nint)skip, length)
                    : segment.Memory.Slice((int)skip, length);
            }

            skip -= segment.Length;
        }

        throw new InvalidOperationException("The payload of a frame is shorter than it says.");
    }
}
