using LibMultipath.IoUring.Interop;
using Microsoft.Win32.SafeHandles;

namespace LibMultipath.IoUring;

/// <summary>The descriptor of a ring. Closing it cancels what is under way; the kernel does that after the call.</summary>
internal sealed class RingHandle : SafeHandleMinusOneIsInvalid
{
    public RingHandle(int descriptor)
        : base(ownsHandle: true) => SetHandle(descriptor);

    protected override bool ReleaseHandle() => Libc.Close((int)handle) == 0;
}
