using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using LibMultipath.Block;
using LibMultipath.RingBuffer;

namespace PathMonitor;

/// <summary>
/// A daemon, as another program speaks with it: a line of JSON asks, a line answers, and after <c>feed</c> come the
/// descriptors of a ring. docs/operations.md has all of it.
/// </summary>
internal sealed class Daemon : IDisposable
{
    private const int RecordBytes = 24;
    private const uint Latency = 1;

    private readonly Socket _socket;
    private readonly UserRingProducer _ring;
    private readonly byte[] _record = new byte[RecordBytes];

    private Daemon(Socket socket, UserRingProducer ring)
    {
        _socket = socket;
        _ring = ring;
    }

    /// <summary>Asks which paths there are that can be measured: those that lead to a file or a device.</summary>
    /// <param name="control">The control socket.</param>
    public static IReadOnlyList<(uint Number, string File, bool IsDevice)> FindPaths(string control)
    {
        using Socket socket = Connect(control);
        JsonElement status = Ask(socket, """{"version":1,"verb":"status","tree":true}""").GetProperty("status");
        ILookup<string, string> attributes = status.GetProperty("attributes").EnumerateArray()
            .ToLookup(each => each.GetProperty("name").GetString()!, each => each.TryGetProperty("value", out JsonElement value) ? value.GetString()! : "");
        List<(uint, string, bool)> found = [];
        foreach (JsonElement path in status.GetProperty("paths").EnumerateArray())
        {
            uint number = path.GetProperty("number").GetUInt32();
            if (path.TryGetProperty("device", out JsonElement device))
            {
                found.Add((number, device.GetString()!, true));
            }
            else if (attributes[$"path/{number}/loop/backing_file"].FirstOrDefault() is { Length: > 0 } file)
            {
                found.Add((number, file, false));
            }
        }

        return found;
    }

    /// <summary>Asks for a ring.</summary>
    /// <param name="control">The control socket.</param>
    public static Daemon Feed(string control)
    {
        Socket socket = Connect(control);
        try
        {
            Ask(socket, """{"version":1,"verb":"feed"}""");
            socket.Send("\n"u8);                                             // ready for the descriptors
            using UserRingDescriptors descriptors = UserRingDescriptors.Receive(socket);
            return new Daemon(socket, UserRingProducer.Open(descriptors));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Says how long an I/O took on a path. What there is no room for now is left out: there is more to come.</summary>
    public void Tell(uint path, TimeSpan latency)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_record, Latency);
        BinaryPrimitives.WriteUInt32LittleEndian(_record.AsSpan(4), path);
        BinaryPrimitives.WriteUInt64LittleEndian(_record.AsSpan(8), (ulong)Math.Max(1, latency.TotalNanoseconds));
        if (_ring.TryWrite(_record) is not (Errno.None or Errno.ENOSPC))
        {
            throw new InvalidOperationException("The ring takes no record.");
        }
    }

    /// <summary>Whether the daemon has ended. What it says of records that it refuses, such as those of a path that was removed, is left out.</summary>
    public bool IsGone()
    {
        Span<byte> said = stackalloc byte[4096];
        while (_socket.Poll(0, SelectMode.SelectRead))
        {
            if (_socket.Receive(said) == 0)
            {
                return true;
            }
        }

        return false;
    }

    public void Dispose()
    {
        _ring.Dispose();
        _socket.Dispose();
    }

    private static Socket Connect(string control)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(control));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // Byte by byte, because what comes after the line is not for a buffer.
    private static JsonElement Ask(Socket socket, string request)
    {
        socket.Send(Encoding.UTF8.GetBytes(request + "\n"));
        List<byte> line = [];
        byte[] next = new byte[1];
        while (socket.Receive(next) == 1 && next[0] != '\n')
        {
            line.Add(next[0]);
        }

        JsonElement answer = JsonSerializer.Deserialize<JsonElement>(line.ToArray());
        return answer.GetProperty("ok").GetBoolean()
            ? answer
            : throw new InvalidOperationException(answer.GetProperty("error").GetProperty("problem").GetString());
    }
}
