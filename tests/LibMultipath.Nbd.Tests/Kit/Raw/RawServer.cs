using System.Net;
using System.Net.Sockets;
using LibMultipath.Nbd.Tests.Kit.Tools;

namespace LibMultipath.Nbd.Tests.Kit.Raw;

/// <summary>
/// A server that follows a script. Each connection has a thread of its own; what a script throws is kept, unless it is that
/// the client has gone, and <see cref="AssertNoFaults"/> tells of it.
/// </summary>
internal sealed class RawServer : IDisposable
{
    private readonly Lock _lock = new();
    private readonly string? _path;
    private readonly List<RawServerPeer> _peers = [];
    private readonly List<Exception> _faults = [];
    private Socket? _listener;
    private int _connections;

    /// <summary>Listens on a unix socket of the folder, and follows the script with each client.</summary>
    public RawServer(TempFolder folder, string name, Action<RawServerPeer> script)
    {
        _path = folder[$"{name}.sock"];
        Script = script;
        Listen();
    }

    /// <summary>Listens on a port of 127.0.0.1.</summary>
    public RawServer(Action<RawServerPeer> script)
    {
        Script = script;
        Listen();
    }

    /// <summary>What the next connection meets.</summary>
    public Action<RawServerPeer> Script { get; set; }

    /// <summary>How many have been accepted.</summary>
    public int Connections => Volatile.Read(ref _connections);

    public string Socket => _path ?? throw new InvalidOperationException("It listens on a port.");

    public int Port { get; private set; }

    /// <summary>A server that does what it should.</summary>
    public static RawServer Honest(TempFolder folder, string name, RawExport export, RawStore store) => new(folder, name, peer =>
    {
        peer.Negotiate(export);
        peer.Serve(store);
    });

    /// <summary>It listens again, after <see cref="Refuse"/>.</summary>
    public void Listen()
    {
        EndPoint place = _path is null ? new IPEndPoint(IPAddress.Loopback, Port) : new UnixDomainSocketEndPoint(_path);
        var listener = new Socket(place.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        if (_path is not null)
        {
            File.Delete(_path);
        }

        listener.Bind(place);
        listener.Listen();
        Port = (listener.LocalEndPoint as IPEndPoint)?.Port ?? 0;
        lock (_lock)
        {
            _listener = listener;
        }

        new Thread(() => Accept(listener)) { IsBackground = true, Name = "raw server" }.Start();
    }

    /// <summary>New connections are refused from now on, as those to a dead process. Those there are go on.</summary>
    public void Refuse()
    {
        lock (_lock)
        {
            _listener?.Dispose();
            _listener = null;
        }

        if (_path is not null)
        {
            // .NET has unlinked it; a file that nobody listens on is what a process that was killed leaves.
            File.Delete(_path);
            using var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            dead.Bind(new UnixDomainSocketEndPoint(_path));
            File.Move(_path, _path + ".kept");
            dead.Dispose();
            File.Move(_path + ".kept", _path);
        }
    }

    /// <summary>Closes all connections there are, as a process that is killed does.</summary>
    public void CloseAll()
    {
        lock (_lock)
        {
            _peers.ForEach(peer => peer.Dispose());
            _peers.Clear();
        }
    }

    /// <summary>The test fails if a script has.</summary>
    public void AssertNoFaults()
    {
        lock (_lock)
        {
            Assert.True(_faults.Count == 0, string.Join('\n', _faults));
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _listener?.Dispose();
            _listener = null;
        }

        CloseAll();
    }

    private void Accept(Socket listener)
    {
        while (true)
        {
            Socket socket;
            try
            {
                // Not in Accept for long: a Unix socket that is disposed does not always wake who is there.
                if (!listener.Poll(TimeSpan.FromMilliseconds(20), SelectMode.SelectRead))
                {
                    continue;
                }

                socket = listener.Accept();
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                return;
            }

            var peer = new RawServerPeer(socket, _connections);
            lock (_lock)
            {
                if (_listener is null)
                {
                    peer.Dispose();
                    return;
                }

                _peers.Add(peer);
            }

            Interlocked.Increment(ref _connections);
            Action<RawServerPeer> script = Script;
            new Thread(() => Follow(script, peer)) { IsBackground = true, Name = "raw connection" }.Start();
        }
    }

    private void Follow(Action<RawServerPeer> script, RawServerPeer peer)
    {
        try
        {
            script(peer);
        }
        catch (Exception exception) when (exception is EndOfStreamException or SocketException or ObjectDisposedException)
        {
            // The client has gone, or the test has.
        }
        catch (Exception exception)
        {
            lock (_lock)
            {
                _faults.Add(exception);
            }
        }
        finally
        {
            peer.Dispose();
            lock (_lock)
            {
                _peers.Remove(peer);
            }
        }
    }
}
