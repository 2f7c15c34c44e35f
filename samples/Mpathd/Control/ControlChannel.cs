using System.Net.Sockets;

namespace Mpathd.Control;

/// <summary>A connection to a client, or to a daemon, after the answer: lines, or whatever both have agreed upon.</summary>
/// <remarks>One thread reads and one sends. It belongs to whoever made it.</remarks>
internal sealed class ControlChannel
{
    private readonly NetworkStream _stream;
    private readonly LineReader _lines;

    /// <param name="socket">The connection.</param>
    /// <param name="stream">The same.</param>
    /// <param name="lines">What reads it; there may be something in it already.</param>
    public ControlChannel(Socket socket, NetworkStream stream, LineReader lines)
    {
        Socket = socket;
        _stream = stream;
        _lines = lines;
    }

    /// <summary>The connection itself, for descriptors that go over it.</summary>
    public Socket Socket { get; }

    /// <summary>Sends bytes.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        await _stream.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);

    /// <summary>Reads a line, without its end; null when the other side has ended.</summary>
    public ValueTask<byte[]?> ReadLineAsync(CancellationToken cancellationToken) => _lines.ReadAsync(cancellationToken);

    /// <summary>Is done when the other side has ended, or it was cancelled. What comes before is left out.</summary>
    public async Task WaitForEndAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await _lines.ReadAsync(cancellationToken).ConfigureAwait(false) is not null)
            {
            }
        }
        catch (Exception exception) when (exception is IOException or MpathdException or OperationCanceledException)
        {
            return;
        }
    }
}
