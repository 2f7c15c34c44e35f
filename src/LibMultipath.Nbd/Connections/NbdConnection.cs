using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using LibMultipath.Nbd.Protocol;

namespace LibMultipath.Nbd.Connections;

/// <summary>
/// A connection, of either side: what comes in through a pipe, what goes out as gathered frames, and TLS in between if both
/// want it.
/// </summary>
/// <remarks>
/// <para><b>Threads.</b> One reads. Any sends. <see cref="Abort"/> may be called on any thread: reading and sending end
/// then, with whatever they have.</para>
/// <para><b>Waiting.</b> Whether reading blocks its thread or gives it back is the stream's business: the logic above is the
/// same for both.</para>
/// </remarks>
internal sealed class NbdConnection : IDisposable
{
    // Small enough to stay in a processor's cache, and large enough for the answers to several 4k reads in one system call.
    private const int InputBuffer = 64 * 1024;

    private string? _fault;
    private SslStream? _secure;

    /// <summary>Takes a connected socket over.</summary>
    /// <param name="socket">It is closed with the connection.</param>
    /// <param name="stream">Reads from and writes to the socket: blocking, or asynchronously.</param>
    /// <param name="sending">Where is sent what the socket does not take at once.</param>
    public NbdConnection(Socket socket, Stream stream, PipeScheduler sending)
    {
        Socket = socket;
        Stream = stream;
        Input = ReaderOf(stream);
        Output = new FrameSender(this, sending);
    }

    /// <summary>The socket.</summary>
    public Socket Socket { get; }

    /// <summary>What is read from and written to: the socket's, or that of TLS over it.</summary>
    public Stream Stream { get; private set; }

    /// <summary>What has come in.</summary>
    public PipeReader Input { get; private set; }

    /// <summary>What goes out, once the handshake is over.</summary>
    public FrameSender Output { get; }

    /// <summary>Whether TLS is on.</summary>
    public bool IsSecure => _secure is not null;

    /// <summary>Where is written what is to be encrypted; null without TLS.</summary>
    public PipeWriter? SecureOutput { get; private set; }

    /// <summary>Why the connection was ended; null while it was not.</summary>
    public string? Fault => Volatile.Read(ref _fault);

    /// <summary>Ends reading and sending, now and for good. The first reason counts. Does not block.</summary>
    public void Abort(string why)
    {
        if (Interlocked.CompareExchange(ref _fault, why, null) is null)
        {
            try
            {
                Socket.Shutdown(SocketShutdown.Both);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // It has gone already.
            }
        }
    }

    /// <summary>Goes on with TLS. In the handshake alone.</summary>
    /// <param name="authenticate">Makes TLS over a stream.</param>
    /// <exception cref="NbdProtocolException">The peer has sent something that TLS does not protect.</exception>
    public async ValueTask SecureAsync(Func<Stream, Task<SslStream>> authenticate)
    {
        // What was sent before TLS and is read after it would count as protected.
        if (Input.TryRead(out ReadResult early))
        {
            bool isEmpty = early.Buffer.IsEmpty;
            Input.AdvanceTo(early.Buffer.Start);
            if (!isEmpty)
            {
                throw new NbdProtocolException("the peer has sent data before TLS that belongs after it");
            }
        }

        await Input.CompleteAsync().ConfigureAwait(false);
        _secure = await authenticate(Stream).ConfigureAwait(false);
        Stream = _secure;
        Input = ReaderOf(_secure);
        SecureOutput = PipeWriter.Create(_secure, new StreamPipeWriterOptions(leaveOpen: true));
    }

    /// <summary>Reads so many bytes.</summary>
    /// <param name="destination">Filled.</param>
    /// <param name="what">What is read, for what is said when it does not come.</param>
    /// <returns>False if the peer has closed the connection, and nothing of it had come.</returns>
    /// <exception cref="NbdProtocolException">The connection ended in the middle of it.</exception>
    public async ValueTask<bool> TryReadAsync(Memory<byte> destination, string what)
    {
        int have = 0;
        while (have < destination.Length)
        {
            ReadResult result = await Input.ReadAsync().ConfigureAwait(false);
            int take = (int)Math.Min(result.Buffer.Length, destination.Length - have);
            if (take == 0 && result.IsCompleted)
            {
                Input.AdvanceTo(result.Buffer.Start);
                return have == 0 ? false : throw Ended(what);
            }

            ReadOnlySequence<byte> taken = result.Buffer.Slice(0, take);
            taken.CopyTo(destination.Span[have..]);
            Input.AdvanceTo(taken.End);
            have += take;
        }

        return true;
    }

    /// <summary>As <see cref="TryReadAsync"/>, of what has to come.</summary>
    public async ValueTask ReadAsync(Memory<byte> destination, string what)
    {
        if (destination.Length > 0 && !await TryReadAsync(destination, what).ConfigureAwait(false))
        {
            throw Ended(what);
        }
    }

    /// <summary>Writes, in the handshake, where there are no frames.</summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await Stream.WriteAsync(bytes).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            throw new NbdProtocolException(Fault ?? exception.Message, exception);
        }
    }

    /// <summary>What is said of a connection that ended in the middle of something.</summary>
    public NbdProtocolException Ended(string what) => new(Fault ?? $"the peer closed the connection in the middle of {what}");

    /// <summary>Closes the socket. When nobody reads or sends any more.</summary>
    public void Dispose()
    {
        _secure?.Dispose();
        Stream.Dispose();
        Socket.Dispose();
    }

    private static PipeReader ReaderOf(Stream stream) =>
        PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: InputBuffer, minimumReadSize: InputBuffer / 4, leaveOpen: true));
}
