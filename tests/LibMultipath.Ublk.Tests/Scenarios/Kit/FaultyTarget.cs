using LibMultipath.Block;
using LibMultipath.Ublk.Queues;
using Microsoft.Win32.SafeHandles;

namespace LibMultipath.Ublk.Tests.Scenarios.Kit;

/// <summary>A target that fails the requests that a test wants failed, and serves the others.</summary>
internal sealed class FaultyTarget(SafeFileHandle file, Func<UblkRequest, Errno> fault) : FileTarget(file)
{
    protected internal override void Handle(UblkRequest request)
    {
        Errno error = fault(request);
        if (error == Errno.None)
        {
            base.Handle(request);
        }
        else
        {
            request.Fail(error);
        }
    }
}
