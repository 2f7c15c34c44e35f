using System.Runtime.InteropServices;

namespace LibMultipath.IoUring.Abi;

/// <summary>A time span as the kernel takes it (<c>struct __kernel_timespec</c>).</summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
public struct __kernel_timespec
{
    /// <summary>Whole seconds.</summary>
    public long tv_sec;

    /// <summary>Nanoseconds below a second.</summary>
    public long tv_nsec;

    /// <summary>The same time as a <see cref="TimeSpan"/>, not below zero.</summary>
    public static __kernel_timespec From(TimeSpan time)
    {
        long ticks = Math.Max(0, time.Ticks);
        return new __kernel_timespec
        {
            tv_sec = ticks / TimeSpan.TicksPerSecond,
            tv_nsec = ticks % TimeSpan.TicksPerSecond * 100,
        };
    }
}
