using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using LibMultipath.Block;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Queues;
using Microsoft.Win32.SafeHandles;

namespace UblkThreads;

/// <summary>
/// Serves a file from threads of its own, which may block, and with buffers of its own. The queue's thread only passes
/// requests on; whichever thread has done one completes it.
/// </summary>
internal sealed unsafe class PooledFileTarget : UblkTarget, IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly BlockingCollection<UblkRequest> _requests = [];
    private readonly Thread[] _threads;

    public PooledFileTarget(SafeFileHandle file, int threads)
    {
        _file = file;
        _threads = [.. Enumerable.Range(0, threads).Select(i => new Thread(Work) { Name = $"worker/{i}" })];
        Array.ForEach(_threads, thread => thread.Start());
    }

    protected override void Handle(UblkRequest request) => _requests.Add(request);

    protected override nint AllocateBuffer(UblkQueue queue, int tag, int bytes) =>
        (nint)NativeMemory.AlignedAlloc((nuint)bytes, (nuint)Environment.SystemPageSize);

    protected override void FreeBuffer(UblkQueue queue, int tag, nint address) => NativeMemory.AlignedFree((void*)address);

    /// <summary>Ends the threads when they have done what they were given.</summary>
    public void Dispose()
    {
        _requests.CompleteAdding();
        Array.ForEach(_threads, thread => thread.Join());
        _requests.Dispose();
    }

    private void Work()
    {
        foreach (UblkRequest request in _requests.GetConsumingEnumerable())
        {
            try
            {
                Serve(request);
            }
            catch (IOException)
            {
                request.Fail(Errno.EIO);
            }
        }
    }

    private void Serve(UblkRequest request)
    {
        long position = request.Sector * QueueLimits.SectorSize;
        switch (request.Op)
        {
            case UblkOp.Read:
                request.Complete(RandomAccess.Read(_file, request.Data, position));
                break;
            case UblkOp.Write:
                RandomAccess.Write(_file, request.Data, position);
                request.Complete();
                break;
            case UblkOp.Flush:
                RandomAccess.FlushToDisk(_file);
                request.Complete();
                break;
            default:
                request.Fail(Errno.EOPNOTSUPP);
                break;
        }
    }
}
