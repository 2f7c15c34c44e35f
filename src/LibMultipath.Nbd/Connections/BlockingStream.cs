using System.Net.Sockets;

namespace LibMultipath.Nbd.Connections;

/// <summary>
/// A socket as a stream whose every call blocks its thread, the asynchronous ones too: what awaits them never leaves its
/// thread. For a path, which must go on while every thread of the pool waits for the disk.
/// </summary>
internal sealed class BlockingStream(Socket socket) : Stream
{
    private long _deadline;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>From now on, all that is to come has to come within this time.</summary>
    public void SetLimit(TimeSpan limit) => _deadline = Environment.TickCount64 + (long)limit.TotalMilliseconds;

    /// <summary>What is to come may take as long as it takes.</summary>
    public void ClearLimit()
    {
        _deadline = 0;
        socket.ReceiveTimeout = 0;
    }

    public override int Read(Span<byte> buffer)
    {
        try
        {
            if (_deadline != 0)
            {
                socket.ReceiveTimeout = (int)Math.Max(1, _deadline - Environment.TickCount64);
            }

            return socket.Receive(buffer);
        }
        catch (SocketException exception) when (_deadline != 0 && exception.SocketErrorCode is (SocketError.TimedOut or SocketError.WouldBlock))
        {
            throw new TimeoutException("it did not come in time", exception);
        }
        catch (SocketException exception)
        {
            throw new IOException(exception.Message, exception);
        }
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            while (buffer.Length > 0)
            {
                buffer = buffer[socket.Send(buffer)..];
            }
        }
        catch (SocketException exception)
        {
            throw new IOException(exception.Message, exception);
        }
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return default;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
