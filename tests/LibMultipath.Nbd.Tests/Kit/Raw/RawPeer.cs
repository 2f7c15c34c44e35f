using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace LibMultipath.Nbd.Tests.Kit.Raw;

/// <summary>
/// One end of a conversation, byte by byte. A script is a thread that blocks here; what takes too long throws, and so does
/// what ends too early.
/// </summary>
internal class RawPeer(Socket socket) : IDisposable
{
    private const int LimitMilliseconds = 30_000;

    private SslStream? _secure;

    public Socket Socket { get; } = Limited(socket);

    /// <summary>What is sent instead of what should be; null to send that.</summary>
    public Func<byte[], byte[]>? Twist { get; set; }

    /// <summary>The other side has closed, or this side sees an error: nothing is left to read.</summary>
    public bool IsAtEnd
    {
        get
        {
            try
            {
                return Socket.Receive(new byte[1], SocketFlags.Peek) == 0;
            }
            catch (SocketException exception) when (exception.SocketErrorCode != SocketError.TimedOut)
            {
                return true;
            }
        }
    }

    /// <summary>Numbers in network order, each as long as its type, and bytes and text as they are.</summary>
    public static byte[] Bytes(params object[] values)
    {
        using var stream = new MemoryStream();
        Span<byte> number = stackalloc byte[8];
        foreach (object value in values)
        {
            int length = 8;
            switch (value)
            {
                case ushort word:
                    BinaryPrimitives.WriteUInt16BigEndian(number, word);
                    length = 2;
                    break;
                case uint quad:
                    BinaryPrimitives.WriteUInt32BigEndian(number, quad);
                    length = 4;
                    break;
                case ulong octet:
                    BinaryPrimitives.WriteUInt64BigEndian(number, octet);
                    break;
                case byte[] bytes:
                    stream.Write(bytes);
                    continue;
                case string text:
                    stream.Write(Encoding.UTF8.GetBytes(text));
                    continue;
                default:
                    throw new ArgumentException($"{value.GetType().Name} has no place on the wire.", nameof(values));
            }

            stream.Write(number[..length]);
        }

        return stream.ToArray();
    }

    public void Send(params object[] values)
    {
        byte[] bytes = Bytes(values);
        SendBytes(Twist is { } twist ? twist(bytes) : bytes);
    }

    public void SendBytes(ReadOnlySpan<byte> bytes)
    {
        if (_secure is { } secure)
        {
            secure.Write(bytes);
            return;
        }

        while (bytes.Length > 0)
        {
            bytes = bytes[Socket.Send(bytes)..];
        }
    }

    public byte[] Read(int count)
    {
        byte[] bytes = new byte[count];
        Fill(bytes);
        return bytes;
    }

    public void Fill(Span<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            int read = _secure?.Read(bytes) ?? Socket.Receive(bytes);
            if (read == 0)
            {
                throw new EndOfStreamException("The other side has closed.");
            }

            bytes = bytes[read..];
        }
    }

    public ushort ReadU16() => BinaryPrimitives.ReadUInt16BigEndian(Read(2));

    public uint ReadU32() => BinaryPrimitives.ReadUInt32BigEndian(Read(4));

    public ulong ReadU64() => BinaryPrimitives.ReadUInt64BigEndian(Read(8));

    /// <summary>Waits until the other side has closed, and passes over what it still says.</summary>
    public void AwaitEnd()
    {
        byte[] rest = new byte[1 << 16];
        try
        {
            while (Socket.Receive(rest) != 0)
            {
            }
        }
        catch (SocketException exception) when (exception.SocketErrorCode != SocketError.TimedOut)
        {
            // Reset: as closed as it can be.
        }
    }

    /// <summary>It says no more, and listens on.</summary>
    public void HalfClose() => Socket.Shutdown(SocketShutdown.Send);

    /// <summary>The connection is reset (a TCP one; a unix one is closed).</summary>
    public void Reset()
    {
        Socket.LingerState = new LingerOption(enable: true, seconds: 0);
        Socket.Dispose();
    }

    public void Dispose()
    {
        _secure?.Dispose();
        Socket.Dispose();
    }

    /// <summary>From now on what is said and read is protected.</summary>
    protected void Secure(SslStream secure) => _secure = secure;

    private static Socket Limited(Socket socket)
    {
        socket.ReceiveTimeout = LimitMilliseconds;
        socket.SendTimeout = LimitMilliseconds;
        return socket;
    }
}
