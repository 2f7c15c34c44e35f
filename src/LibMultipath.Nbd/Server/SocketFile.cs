using System.Text;
using LibMultipath.Nbd.Interop;

namespace LibMultipath.Nbd.Server;

/// <summary>The file of a server's own Unix socket: which it is, so that it is not another's that is removed at the end.</summary>
/// <remarks>While the socket is open no other file can be the same: it has to be removed before the socket is closed.</remarks>
internal sealed class SocketFile
{
    private readonly string _path;
    private readonly statx _file;
    private bool _isRemoved;

    /// <summary>Remembers a file.</summary>
    /// <param name="path">Where clients find it.</param>
    /// <param name="name">A name that it has now.</param>
    public SocketFile(string path, string name)
    {
        _path = path;
        _isRemoved = !statx.TryLook(name, out _file);
    }

    /// <summary>Removes the file, if it is still the one that clients find. A second call does nothing.</summary>
    public void Remove()
    {
        if (!Interlocked.Exchange(ref _isRemoved, true) && statx.TryLook(_path, out statx now) && now.IsSame(_file))
        {
            _ = Libc.Unlink(_path);
        }
    }

    /// <summary>A name in the folder of a socket that nobody else uses.</summary>
    /// <returns>Null if a socket cannot have it, because it is too long.</returns>
    public static string? NameBeside(string path)
    {
        string name = Path.Combine(FolderOf(path), $".{Path.GetFileName(path)}.{Environment.ProcessId}-{Random.Shared.Next():x8}");
        return Encoding.UTF8.GetByteCount(name) <= NbdAddress.MaxSocketPath ? name : null;
    }

    /// <summary>The folder of a socket; empty for where the process is.</summary>
    public static string FolderOf(string path) => Path.GetDirectoryName(path) ?? "";
}
