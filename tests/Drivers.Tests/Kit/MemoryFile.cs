using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Drivers.Tests.Kit;

/// <summary>
/// A file without a name (memfd_create). Its file system is known on every machine: it punches holes, and refuses
/// FALLOC_FL_ZERO_RANGE. It can be sealed, so that writes fail.
/// </summary>
internal sealed partial class MemoryFile : IDisposable
{
    private const uint AllowSealing = 2; // MFD_ALLOW_SEALING
    private const int AddSeals = 1033; // F_ADD_SEALS
    private const int SealWrite = 8; // F_SEAL_WRITE

    private readonly SafeFileHandle _handle;

    public MemoryFile(long size)
    {
        _handle = new SafeFileHandle(Check(Create("test", AllowSealing)), ownsHandle: true);
        RandomAccess.SetLength(_handle, size);
    }

    /// <summary>A name under which this process can open it.</summary>
    public string Name => $"/proc/self/fd/{_handle.DangerousGetHandle()}";

    /// <summary>A name under which other processes can open it.</summary>
    public string NameForOthers => $"/proc/{Environment.ProcessId}/fd/{_handle.DangerousGetHandle()}";

    public byte[] ReadAll()
    {
        byte[] content = new byte[RandomAccess.GetLength(_handle)];
        RandomAccess.Read(_handle, content, 0);
        return content;
    }

    /// <summary>From now on every write fails, with EPERM.</summary>
    public void Seal() => Check(Control(_handle, AddSeals, SealWrite));

    public void SetLength(long size) => RandomAccess.SetLength(_handle, size);

    public void Dispose() => _handle.Dispose();

    private static int Check(int result) => result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError());

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Create(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, int command, int argument);
}
