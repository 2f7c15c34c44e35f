using System.Buffers;
using System.IO.Pipelines;

namespace Mpathd.Control;

/// <summary>Reads lines off a stream, each within a length and a time.</summary>
internal sealed class LineReader
{
    private readonly PipeReader _reader;
    private readonly int _mostBytes;

    /// <summary>Makes one; it does not dispose the stream.</summary>
    /// <param name="stream">What lines come from.</param>
    /// <param name="mostBytes">The longest line, without its end.</param>
    public LineReader(Stream stream, int mostBytes)
    {
        _reader = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));
        _mostBytes = mostBytes;
    }

    /// <summary>Reads the next line, without its end.</summary>
    /// <returns>Null at the end of the stream.</returns>
    /// <exception cref="MpathdException">The line is too long, or the stream ends within it. Nothing can be read after.</exception>
    /// <exception cref="OperationCanceledException">The time was up.</exception>
    public async ValueTask<byte[]?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult read = await _reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            ReadOnlySequence<byte> buffer = read.Buffer;
            SequencePosition? end = buffer.PositionOf((byte)'\n');
            if ((end is null ? buffer.Length : buffer.GetOffset(end.Value) - buffer.GetOffset(buffer.Start)) > _mostBytes)
            {
                throw MpathdException.WrongArguments($"the line is longer than {_mostBytes} bytes", "send a shorter one");
            }

            if (end is { } newline)
            {
                byte[] line = buffer.Slice(0, newline).ToArray();
                _reader.AdvanceTo(buffer.GetPosition(1, newline));
                return line;
            }

            _reader.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
            {
                return buffer.IsEmpty ? null : throw MpathdException.WrongArguments("the line has no end", "send a newline after it");
            }
        }
    }
}
