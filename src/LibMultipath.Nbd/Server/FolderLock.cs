using System.Diagnostics;
using LibMultipath.Block;
using LibMultipath.Nbd.Interop;
using Microsoft.Win32.SafeHandles;

namespace LibMultipath.Nbd.Server;

/// <summary>
/// Held by who takes the file of a dead server out of a folder, so that no two do it at a time: <c>flock</c> of the folder,
/// which leaves nothing behind, and ends with its holder.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    // Servers hold it for a moment. Whoever holds it for longer is none, and locks folders for reasons of their own.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(2);

    private readonly SafeFileHandle _folder;

    private FolderLock(SafeFileHandle folder) => _folder = folder;

    /// <summary>Takes it. Blocks for a few seconds at most.</summary>
    /// <param name="folder">Its path; empty for where the process is.</param>
    /// <returns>Null if it cannot be had: then one goes on without, and with what care there is.</returns>
    public static FolderLock? Take(string folder)
    {
        SafeFileHandle handle = Libc.Open(folder.Length == 0 ? "." : folder, Libc.CloseOnExec);
        long start = Stopwatch.GetTimestamp();
        while (!handle.IsInvalid)
        {
            if (Libc.Lock(handle, Libc.LockNow) == 0)
            {
                return new FolderLock(handle);
            }

            if (Libc.LastError is not (Errno.EAGAIN or Errno.EINTR) || Stopwatch.GetElapsedTime(start) >= s_limit)
            {
                break;
            }

            Thread.Sleep(s_pause);
        }

        handle.Dispose();
        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();
}
