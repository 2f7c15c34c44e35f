using Microsoft.Win32.SafeHandles;

namespace LibMultipath.IoUring.Tests.Kit;

/// <summary>Two descriptors: what is written to one comes out of the other.</summary>
internal sealed record Pipe(SafeFileHandle Read, SafeFileHandle Write) : IDisposable
{
    public void Dispose()
    {
        Read.Dispose();
        Write.Dispose();
    }
}
