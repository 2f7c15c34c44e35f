using System.Runtime.InteropServices;
using LibMultipath.Block;
using LibMultipath.IoUring.Interop;

namespace LibMultipath.IoUring.Tests.Kit;

/// <summary>This system, but its kernel takes nothing while it is busy, as one does that is short of memory.</summary>
internal sealed unsafe class BusySystem : RingSystem
{
    public bool IsBusy { get; set; }

    public override int Enter(int ring, uint submit, uint complete, uint flags, void* argument, nuint size)
    {
        if (!IsBusy)
        {
            return base.Enter(ring, submit, complete, flags, argument, size);
        }

        Marshal.SetLastPInvokeError((int)Errno.EBUSY);
        return -1;
    }
}
