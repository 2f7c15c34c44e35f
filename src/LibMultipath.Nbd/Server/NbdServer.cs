using System.Net;
using LibMultipath.Block;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LibMultipath.Nbd.Server;

/// <summary>
/// Shows disks, head disks above all, to NBD clients over a Unix socket or TCP. Requests become bios on memory of the
/// server's; any number of connections may use an export, and a flush on one is a flush of all.
/// </summary>
/// <remarks>
/// <para><b>Life.</b> From <see cref="Start"/> to <see cref="StopAsync"/> or <see cref="Dispose"/>. Exports come and go
/// meanwhile. The disks are their makers'; they are open while they are exported.</para>
/// <para><b>Clients are strangers.</b> What they send is checked before memory is taken for it, what they may have under way
/// is bounded, and so is the time that they may take. A connection that is ended takes nothing else with it.</para>
/// <para><b>Threads.</b> All members may be used on any thread. Clients are served on the thread pool, and answers are sent
/// by the thread that ends an I/O, which does not wait for the client.</para>
/// </remarks>
public sealed partial class NbdServer : IDisposable
{
    private static readonly TimeSpan s_disposeLimit = TimeSpan.FromSeconds(1);

    private readonly Listener _listener;
    private readonly ITimer _timer;

    private NbdServer(NbdServerOptions options, Listener listener)
    {
        Options = options;
        Clock = options.TimeProvider ?? TimeProvider.System;
        Logger = options.Logger ?? NullLogger.Instance;
        Budget = new MemoryBudget(options.MaxBytes);
        Buffers = new BufferPool(options.MaxBytes);
        LocalEndPoint = listener.EndPoint;
        _listener = listener;
        Period = TickOf(options);
        _lastTick = Clock.GetTimestamp();
        _timer = Clock.CreateTimer(static server => ((NbdServer)server!).Tick(), this, Period, Period);
    }

    /// <summary>Where it listens; on TCP with the port that it was given if it asked for any.</summary>
    public EndPoint LocalEndPoint { get; }

    /// <summary>How many clients are connected: those in their handshake, and those that are gone with requests under way, count.</summary>
    public int ConnectionCount
    {
        get
        {
            lock (_lock)
            {
                return _connections.Count;
            }
        }
    }

    /// <summary>The connections there are at the moment.</summary>
    internal ServerConnection[] Connections
    {
        get
        {
            lock (_lock)
            {
                return [.. _connections];
            }
        }
    }

    internal NbdServerOptions Options { get; }

    internal TimeProvider Clock { get; }

    /// <summary>How often the connections are looked at.</summary>
    internal TimeSpan Period { get; }

    internal ILogger Logger { get; }

    internal MemoryBudget Budget { get; }

    internal BufferPool Buffers { get; }

    /// <summary>Listens. Clients find the exports that are added.</summary>
    /// <param name="options">Where, and how much clients may take.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="BlockException">
    /// It cannot be done; with the errno, and what to do. The file of a Unix socket whose server is dead is replaced; where a
    /// server lives it is EADDRINUSE.
    /// </exception>
    public static NbdServer Start(NbdServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var server = new NbdServer(options, Listener.Open(options.EndPoint));
        server.Logger.Listening(server.LocalEndPoint);
        for (int i = 0; i < Accepts; i++)
        {
            _ = Task.Run(server.AcceptAsync);
        }

        return server;
    }

    /// <summary>Shows a disk from now on.</summary>
    /// <param name="export">Of a name that no other export of the server has.</param>
    /// <exception cref="BlockException">The disk is not live (ENXIO).</exception>
    /// <exception cref="InvalidOperationException">There is an export of that name already.</exception>
    /// <exception cref="ObjectDisposedException">The server is stopping.</exception>
    /// <remarks>The disk is open, and takes no path any more that would give it zones, until the export is removed and unused.</remarks>
    public void Add(NbdExport export)
    {
        ArgumentNullException.ThrowIfNull(export);
        var served = new ServedExport(export);
        try
        {
            AddServed(served);
        }
        catch
        {
            served.Close();
            throw;
        }
    }

    /// <summary>
    /// Shows an export to nobody any more. Those who use it have what is under way carried out and answered, and their
    /// connections are closed then. Does not wait for that: the disk stays open until it is so.
    /// </summary>
    /// <param name="name">The export's.</param>
    /// <returns>False if there is none.</returns>
    public bool Remove(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return RemoveServed(name);
    }

    /// <summary>What a client on this machine is given to use an export.</summary>
    /// <param name="name">The export's.</param>
    /// <exception cref="ArgumentException">There is no such export.</exception>
    public NbdAddress AddressOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!TryFind(name, out _, out string? refusal, out _))
        {
            throw new ArgumentException(refusal, nameof(name));
        }

        EndPoint endPoint = LocalEndPoint is IPEndPoint ip
            ? ip.Address.Equals(IPAddress.Any) ? new IPEndPoint(IPAddress.Loopback, ip.Port)
            : ip.Address.Equals(IPAddress.IPv6Any) ? new IPEndPoint(IPAddress.IPv6Loopback, ip.Port)
            : ip
            : LocalEndPoint;
        return new NbdAddress(endPoint) { ExportName = name, UsesTls = Options.Tls is not null };
    }

    /// <summary>
    /// Ends: nobody is let in any more, clients in their handshake are told so, no further requests are read, those under
    /// way are carried out and answered, and the connections closed. What has not ended in time is cut off: its bios end as
    /// they end, and those that wait for a path are taken back.
    /// </summary>
    /// <param name="limit">How long it may take; <see cref="Timeout.InfiniteTimeSpan"/> for as long as it takes.</param>
    /// <remarks>
    /// The place of a Unix socket is free at once. A TCP port is listened at, and who connects is closed, until the disk has
    /// carried out the last request, also when the time was over before: a client takes a refusal there for the end of all
    /// that this server does, and sends what it has no answer to elsewhere.
    /// </remarks>
    /// <returns>Whether everything ended in time.</returns>
    public Task<bool> StopAsync(TimeSpan limit)
    {
        if (limit < TimeSpan.Zero && limit != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(nameof(limit), limit, "A limit of time is not negative.");
        }

        return EndAsync(limit, Clock);
    }

    /// <summary>As <see cref="StopAsync"/>, within a second. Blocks. A second call does nothing more.</summary>
    public void Dispose() => EndAsync(s_disposeLimit, TimeProvider.System).GetAwaiter().GetResult();
}
