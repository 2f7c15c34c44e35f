using System.Runtime.InteropServices;
using System.Text;
using LibMultipath.Block;
using Microsoft.Win32.SafeHandles;

namespace LibMultipath.Ublk.Interop;

// Descriptors. Opening is not left to File, which locks what it opens.
internal static unsafe partial class Libc
{
    private const int ReadWriteCloseOnExec = 0x80002; // O_RDWR | O_CLOEXEC
    private const int NonBlockCloseOnExec = 0x80800; // EFD_NONBLOCK | EFD_CLOEXEC

    /// <summary>Opens a device for reading and writing; null with the error when it cannot be.</summary>
    public static SafeFileHandle? Open(string path, out Errno errno)
    {
        int file;
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        {
            do
            {
                file = Open(name, ReadWriteCloseOnExec, 0);
                errno = file < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
            }
            while (errno == Errno.EINTR);
        }

        return file < 0 ? null : new SafeFileHandle(file, ownsHandle: true);
    }

    /// <summary>An event counter at zero; null with the error when there can be none.</summary>
    public static SafeFileHandle? EventCounter(out Errno errno)
    {
        int file = EventFd(0, NonBlockCloseOnExec);
        errno = file < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
        return file < 0 ? null : new SafeFileHandle(file, ownsHandle: true);
    }

    /// <summary>Adds one to an event counter. It cannot fail: nobody else adds.</summary>
    public static void Raise(SafeFileHandle counter)
    {
        ulong one = 1;
        Write(counter, &one, sizeof(ulong));
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    private static partial int Open(byte* path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventFd(uint value, int flags);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(SafeFileHandle file, void* buffer, nuint length);
}
