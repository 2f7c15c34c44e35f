using System.Globalization;
using System.Runtime.InteropServices;
using LibMultipath.Block;
using Microsoft.Win32.SafeHandles;

namespace LibMultipath.RingBuffer.Interop;

// Descriptors of memory, their seals and their locks.
internal static unsafe partial class Libc
{
    /// <summary>What the memory of a ring is sealed against: F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW.</summary>
    public const int Seals = 0x1 | 0x2 | 0x4;

    public const uint CloseOnExec = 0x1; // MFD_CLOEXEC
    public const uint AllowSealing = 0x2; // MFD_ALLOW_SEALING
    public const uint NoExecSeal = 0x8; // MFD_NOEXEC_SEAL, Linux 6.3
    public const int GetFlags = 3; // F_GETFL
    public const int OfdGetLock = 36; // F_OFD_GETLK
    public const int OfdSetLock = 37; // F_OFD_SETLK
    public const int AddSeals = 1033; // F_ADD_SEALS
    public const int GetSeals = 1034; // F_GET_SEALS
    public const int OpenReadWrite = 0x2; // O_RDWR
    public const int OpenCloseOnExec = 0x80000; // O_CLOEXEC
    public const int AccessMode = 0x3; // O_ACCMODE
    public const int End = 2; // SEEK_END

    /// <summary>Memory as a file, of a length, that cannot be executed; not sealed yet.</summary>
    public static Errno CreateMemory(string name, long length, out SafeFileHandle file)
    {
        fixed (byte* text = System.Text.Encoding.UTF8.GetBytes(name + '\0'))
        {
            int descriptor = CreateMemory(text, CloseOnExec | AllowSealing | NoExecSeal);
            if (descriptor < 0 && LastError == Errno.EINVAL)
            {
                // A kernel that does not know the flag yet.
                descriptor = CreateMemory(text, CloseOnExec | AllowSealing);
            }

            Errno error = descriptor < 0 ? LastError : Errno.None;
            file = new SafeFileHandle(descriptor, ownsHandle: true);
            return error != Errno.None ? error : Truncate(file, length) != 0 ? LastError : Errno.None;
        }
    }

    /// <summary>Opens what a descriptor leads to once more: the new one has locks of its own.</summary>
    public static Errno Reopen(SafeFileHandle file, bool writable, out SafeFileHandle reopened)
    {
        bool held = false;
        try
        {
            file.DangerousAddRef(ref held);
            string path = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{(int)file.DangerousGetHandle()}\0");
            fixed (byte* text = System.Text.Encoding.UTF8.GetBytes(path))
            {
                int descriptor;
                Errno error;
                do
                {
                    descriptor = Open(text, OpenCloseOnExec | (writable ? OpenReadWrite : 0), 0);
                    error = descriptor < 0 ? LastError : Errno.None;
                }
                while (error == Errno.EINTR);

                reopened = new SafeFileHandle(descriptor, ownsHandle: true);
                return error;
            }
        }
        finally
        {
            if (held)
            {
                file.DangerousRelease();
            }
        }
    }

    /// <summary>Lets only the owner open it again.</summary>
    public static Errno KeepToOwner(SafeFileHandle file) => ChangeMode(file, 0x180) != 0 ? LastError : Errno.None; // 0600

    public static Errno Seal(SafeFileHandle file) => Control(file, AddSeals, (void*)Seals) != 0 ? LastError : Errno.None;

    /// <summary>The seals of memory; EINVAL for whatever is none.</summary>
    public static Errno SealsOf(SafeFileHandle file, out int seals)
    {
        seals = Control(file, GetSeals, null);
        return seals < 0 ? LastError : Errno.None;
    }

    /// <summary>In bytes; the place at which the descriptor would be read moves.</summary>
    public static long LengthOf(SafeFileHandle file) => Seek(file, 0, End);

    public static bool IsWritable(SafeFileHandle file)
    {
        int flags = Control(file, GetFlags, null);
        return flags >= 0 && (flags & AccessMode) == OpenReadWrite;
    }

    /// <summary>Takes the lock of what a descriptor leads to; the kernel gives it back when the last copy of the descriptor goes.</summary>
    /// <returns>0; EAGAIN when somebody has it.</returns>
    public static Errno Lock(SafeFileHandle file) => SetLock(file, flock.WriteLock);

    public static void Unlock(SafeFileHandle file) => SetLock(file, flock.Unlock);

    /// <summary>Whether somebody else has the lock.</summary>
    public static bool IsLocked(SafeFileHandle file)
    {
        var wanted = new flock { l_type = flock.WriteLock };
        return Control(file, OfdGetLock, &wanted) != 0 || wanted.l_type != flock.Unlock;
    }

    private static Errno SetLock(SafeFileHandle file, short type)
    {
        var wanted = new flock { l_type = type };
        return Control(file, OfdSetLock, &wanted) != 0 ? LastError : Errno.None;
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true)]
    private static partial int CreateMemory(byte* name, uint flags);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    private static partial int Truncate(SafeHandle file, long length);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    private static partial int Open(byte* path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "fchmod", SetLastError = true)]
    private static partial int ChangeMode(SafeHandle file, uint mode);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(SafeHandle file, long offset, int from);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(SafeHandle file, int command, void* argument);
}
