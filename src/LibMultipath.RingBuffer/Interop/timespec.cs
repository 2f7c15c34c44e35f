using System.Runtime.InteropServices;

namespace LibMultipath.RingBuffer.Interop;

/// <summary>A time of a 64-bit system.</summary>
#pragma warning disable CS8981 // The name is the C library's.
[StructLayout(LayoutKind.Sequential)]
internal struct timespec
{
    public long tv_sec;
    public long tv_nsec;
}
