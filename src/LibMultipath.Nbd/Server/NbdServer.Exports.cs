using System.Diagnostics.CodeAnalysis;
using LibMultipath.Nbd.Protocol;

namespace LibMultipath.Nbd.Server;

// What is shown, and to whom.
public sealed partial class NbdServer
{
    // Under the lock, as is what the server keeps in its connections and exports.
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, ServedExport> _exports = new(StringComparer.Ordinal);
    private readonly List<ServerConnection> _connections = [];
    private int _taken;
    private volatile bool _stopping;

    internal bool IsStopping => _stopping;

    internal int ExportCount
    {
        get
        {
            lock (_lock)
            {
                return _exports.Count;
            }
        }
    }

    /// <summary>By name.</summary>
    internal NbdExport[] Exports()
    {
        lock (_lock)
        {
            return [.. _exports.Values.Select(served => served.Export)];
        }
    }

    /// <summary>Finds an export.</summary>
    internal bool TryFind(string name, [NotNullWhen(true)] out ServedExport? export, [NotNullWhen(false)] out string? refusal, out NbdOptionReply error)
    {
        lock (_lock)
        {
            error = NbdOptionReply.Unknown;
            refusal = _exports.TryGetValue(name, out export) ? null : $"there is no export '{name}'";
            return refusal is null;
        }
    }

    /// <summary>Lets a connection use an export, if there is room: one that has long asked nothing may have to make it.</summary>
    internal bool TryUse(string name, ServerConnection connection, [NotNullWhen(true)] out ServedExport? export, [NotNullWhen(false)] out string? refusal, out NbdOptionReply error)
    {
        lock (_lock)
        {
            if (!TryFind(name, out export, out refusal, out error))
            {
                return false;
            }

            if (_stopping || !TryMakeRoom())
            {
                error = _stopping ? NbdOptionReply.Shutdown : NbdOptionReply.Policy;
                refusal = _stopping ? "the server is ending" : $"all {Options.MaxConnections} connections of this server are in use; try again later";
                export = null;
                return false;
            }

            _taken++;
            connection.HasRoom = true;
            connection.Held = export;
            export.Users++;
            return true;
        }
    }

    /// <summary>A connection is over.</summary>
    internal void Leave(ServerConnection connection)
    {
        ServedExport? unused = null;
        lock (_lock)
        {
            GiveRoom(connection);
            if (connection.Held is { } export && --export.Users == 0 && export.IsRemoved)
            {
                unused = export;
            }

            _connections.Remove(connection);
        }

        unused?.Close();
    }

    private void AddServed(ServedExport served)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            if (!_exports.TryAdd(served.Export.Name, served))
            {
                throw new InvalidOperationException($"There is an export '{served.Export.Name}' at {LocalEndPoint} already; remove it, or take another name.");
            }
        }
    }

    private bool RemoveServed(string name)
    {
        ServedExport? export;
        ServerConnection[] users;
        bool isUnused;
        lock (_lock)
        {
            if (!_exports.Remove(name, out export))
            {
                return false;
            }

            export.IsRemoved = true;
            isUnused = export.Users == 0;
            users = [.. _connections.Where(connection => connection.Held == export)];
        }

        foreach (ServerConnection user in users)
        {
            user.Stop();
        }

        if (isUnused)
        {
            export.Close();
        }

        return true;
    }

    private bool TryMakeRoom()
    {
        if (_taken < Options.MaxConnections)
        {
            return true;
        }

        ServerConnection? idlest = _connections.Where(connection => connection.HasRoom).MaxBy(connection => connection.IdleTime);
        if (idlest is null || Options.IdleLimit == Timeout.InfiniteTimeSpan || idlest.IdleTime < Options.IdleLimit)
        {
            return false;
        }

        GiveRoom(idlest);
        idlest.Kill($"it has asked nothing for {idlest.IdleTime.TotalSeconds:0} s, and another client needs the place");
        return true;
    }

    private void GiveRoom(ServerConnection connection)
    {
        if (connection.HasRoom)
        {
            connection.HasRoom = false;
            _taken--;
        }
    }
}
