using LibMultipath.Block;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Queues;

namespace LibMultipath.Ublk.Tests.Scenarios.Kit;

/// <summary>A disk in memory, that knows which requests came in memory of their client's.</summary>
internal sealed class MemoryDisk(int bytes) : UblkTarget
{
    private int _shared;
    private int _copied;

    public byte[] Data { get; } = new byte[bytes];

    /// <summary>Requests with data whose buffer was the client's memory.</summary>
    public int Shared => Volatile.Read(ref _shared);

    /// <summary>Other requests with data.</summary>
    public int Copied => Volatile.Read(ref _copied);

    protected internal override void Handle(UblkRequest request)
    {
        if (!request.HasData)
        {
            request.Complete();
            return;
        }

        Interlocked.Increment(ref (request.Flags & UblkIoFlags.SharedMemory) != 0 ? ref _shared : ref _copied);
        Span<byte> place = Data.AsSpan((int)request.Sector * 512, (int)request.Bytes);
        Errno error = Errno.None;
        bool copies = request.Queue.Mode == UblkDataMode.UserCopy;
        if (request.Op == UblkOp.Read)
        {
            place.CopyTo(request.Data);
            error = copies ? request.CopyOut() : Errno.None;
        }
        else
        {
            error = copies ? request.CopyIn() : Errno.None;
            request.Data.CopyTo(place);
        }

        _ = error == Errno.None ? request.Complete() : request.Fail(error);
    }
}
