using System.IO.MemoryMappedFiles;

namespace RingPeer;

/// <summary>What the peers have done, in a file that is mapped by all of them: it is as it was when one is killed.</summary>
internal sealed unsafe class PeerLog : IDisposable
{
    private const int HeaderSize = 4096;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _address;

    public PeerLog(string path, int records)
    {
        Records = records;
        int length = HeaderSize + (3 * records) + 1;
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, null, length);
        _view = _file.CreateViewAccessor(0, length);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _address);
    }

    public int Records { get; }

    /// <summary>The number of the next record: set before it is reserved.</summary>
    public ref long Next => ref *(long*)_address;

    /// <summary>How many consumers there have been.</summary>
    public ref long Consumers => ref *(long*)(_address + 64);

    /// <summary>How many records consumers have counted.</summary>
    public ref long Handled => ref *(long*)(_address + 128);

    /// <summary>The largest position of a record that was handled, plus 1.</summary>
    public ref ulong Position => ref *(ulong*)(_address + 192);

    /// <summary>How many records came again to a consumer after the one that was killed with them.</summary>
    public ref long Repeated => ref *(long*)(_address + 256);

    /// <summary>How many records were left out, because a consumer was killed with them.</summary>
    public ref long Skipped => ref *(long*)(_address + 448);

    /// <summary>How often what a dead producer had left was skipped.</summary>
    public ref long Skips => ref *(long*)(_address + 320);

    /// <summary>1 when all records were produced.</summary>
    public ref long Finished => ref *(long*)(_address + 384);

    /// <summary>The number of the first record that is not to be produced yet.</summary>
    public ref long Bound => ref *(long*)(_address + 512);

    /// <summary>What was done with a record: the larger, the later.</summary>
    public Step StepOf(long record) => (Step)Volatile.Read(ref _address[HeaderSize + record]);

    /// <summary>Notes it, after everything before.</summary>
    public void Note(long record, Step step) => Volatile.Write(ref _address[HeaderSize + record], (byte)step);

    /// <summary>The consumer that has handled a record; 0 for none.</summary>
    public ref ushort HandledBy(long record) => ref *(ushort*)(_address + HeaderSize + Records + (Records & 1) + (2 * record));

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
