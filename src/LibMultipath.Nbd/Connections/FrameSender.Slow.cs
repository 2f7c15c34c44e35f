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
                    ReadOnlyMemory<byte> piece = NextPiece(SlowBatch);
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
        while (_batch is { } frame && copied < SlowBatch)
        {
            frame.IsBegun = true;
            ReadOnlyMemory<byte> piece = NextPiece(SlowBatch);
            output.Write(piece.Span);
            copied += piece.Length;
            Advance(piece.Length);
        }

        await output.FlushAsync().ConfigureAwait(false);
    }

    /// <summary>What comes next of the first frame: a run of bytes in one place.</summary>
    private ReadOnlyMemory<byte> NextPiece(int most)
    {
        NbdFrame frame = _batch!;
        if (_offset < frame.HeaderLength)
        {
            return frame.Header[(int)_offset..];
        }

        long skip = _offset - frame.HeaderLength;
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
