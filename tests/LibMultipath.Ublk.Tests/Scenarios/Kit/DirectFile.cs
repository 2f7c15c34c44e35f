using System.Runtime.InteropServices;
using LibMultipath.Block;
using LibMultipath.IoUring;
using Microsoft.Win32.SafeHandles;

namespace LibMultipath.Ublk.Tests.Scenarios.Kit;

/// <summary>A disk that is read and written past the page cache, from and to memory of the caller's choice.</summary>
internal sealed unsafe partial class DirectFile : IDisposable
{
    private const int ReadWriteDirect = 0x4000 | 0x80002; // O_DIRECT | O_RDWR | O_CLOEXEC

    private readonly MappedMemory _memory = MappedMemory.Anonymous(1 << 20);

    public DirectFile(string path)
    {
        int file = Open(path, ReadWriteDirect);
        Assert.True(file >= 0, $"{path}: {Marshal.GetLastPInvokeErrorMessage()}");
        Handle = new SafeFileHandle(file, ownsHandle: true);
    }

    public SafeFileHandle Handle { get; }

    /// <summary>Memory of nobody else's.</summary>
    public byte* Memory => _memory.Address;

    public Errno Read(byte* to, int length, long position) => Outcome(PRead(Handle, to, (nuint)length, position), length);

    public Errno Write(byte* from, int length, long position) => Outcome(PWrite(Handle, from, (nuint)length, position), length);

    public Errno Write(int length, long position) => Write(Memory, length, position);

    /// <summary>Reads, when that is to work.</summary>
    public byte[] Bytes(int length, long position)
    {
        Assert.Equal(Errno.None, Read(Memory, length, position));
        return new Span<byte>(Memory, length).ToArray();
    }

    public void Dispose()
    {
        Handle.Dispose();
        _memory.Dispose();
    }

    private static Errno Outcome(nint done, int length)
    {
        if (done < 0)
        {
            return (Errno)Marshal.GetLastPInvokeError();
        }

        Assert.Equal(length, done);
        return Errno.None;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    private static partial nint PRead(SafeFileHandle file, byte* buffer, nuint length, long position);

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    private static partial nint PWrite(SafeFileHandle file, byte* buffer, nuint length, long position);
}
