using System.Runtime.InteropServices;
using LibMultipath.IoUring;
using Microsoft.Win32.SafeHandles;

namespace LibMultipath.Ublk.Tests.Scenarios.Kit;

/// <summary>Memory that processes share: a memfd.</summary>
internal sealed partial class SharedFile : IDisposable
{
    private const uint AllowSealing = 2; // MFD_ALLOW_SEALING
    private const int AddSeals = 1033; // F_ADD_SEALS
    private const int SealAll = 1 | 2 | 4 | 8; // F_SEAL_SEAL | SHRINK | GROW | WRITE

    private readonly SafeFileHandle _file;
    private readonly int _length;

    public SharedFile(byte[] content)
    {
        _length = content.Length;
        _file = new SafeFileHandle(Make("ublk-test", AllowSealing), ownsHandle: true);
        RandomAccess.Write(_file, content, 0);
    }

    public MappedMemory Map(bool writable = true) => MappedMemory.OfFile(_file, 0, (nuint)_length, writable);

    /// <summary>Nobody writes to it any more.</summary>
    public void Seal() => Assert.True(Control(_file, AddSeals, SealAll) == 0, Marshal.GetLastPInvokeErrorMessage());

    public void Dispose() => _file.Dispose();

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Make(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, int command, int argument);
}
