using System.Runtime.InteropServices;

namespace LibMultipath.RingBuffer.Interop;

/// <summary>A lock of a file: all of it when start and length are 0. The process id must be 0 for a lock of an open file.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct flock
{
    public const short WriteLock = 1; // F_WRLCK
    public const short Unlock = 2; // F_UNLCK

    public short l_type;
    public short l_whence;
    public long l_start;
    public long l_len;
    public int l_pid;
}
