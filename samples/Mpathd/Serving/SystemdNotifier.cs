using System.Net.Sockets;
using System.Text;

namespace Mpathd.Serving;

/// <summary>Tells systemd how a service of <c>Type=notify</c> is; does nothing when nobody asked.</summary>
/// <param name="path">The socket that is told, <c>NOTIFY_SOCKET</c>; null for none.</param>
internal sealed class SystemdNotifier(string? path)
{
    /// <summary>Tells whoever started this process.</summary>
    public static SystemdNotifier OfEnvironment() => new(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"));

    /// <summary>The block device is there: what depends on the service may begin.</summary>
    public void Ready() => Send("READY=1");

    /// <summary>The block device is being taken away.</summary>
    public void Stopping() => Send("STOPPING=1");

    private void Send(string state)
    {
        if (string.IsNullOrEmpty(path))
        {
            return;
        }

        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            // An abstract name is written with @ for its first byte, which is 0.
            socket.Connect(new UnixDomainSocketEndPoint(path[0] == '@' ? '\0' + path[1..] : path));
            socket.Send(Encoding.UTF8.GetBytes(state));
        }
        catch (SocketException exception)
        {
            Console.Error.WriteLine($"mpathd: systemd cannot be told '{state}': {exception.Message}");
        }
    }
}
