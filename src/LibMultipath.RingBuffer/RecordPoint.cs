using LibMultipath.Block;
using LibMultipath.RingBuffer.Interop;
using Microsoft.Win32.SafeHandles;

namespace LibMultipath.RingBuffer;

/// <summary>
/// Where the consumer waits until a drain has something to do or to say. Not on the producer's position: a record that is
/// reserved is not there yet, and one that was reserved before may come last. A producer that dies wakes nobody, so the
/// consumer looks again ten times a second.
/// </summary>
internal sealed unsafe class RecordPoint(RingMemory memory, SafeFileHandle locked, SafeFileHandle data) : WaitPoint(memory, locked, looksAgain: true)
{
    protected override uint* Word => Memory.RecordWord;

    protected override int* Sleepers => &Memory.Consumer->Sleepers;

    public override bool IsMet(int size)
    {
        ulong position = Volatile.Read(ref Memory.Consumer->Position);
        ulong produced = Volatile.Read(ref Memory.Producer->Position);
        if (produced % RecordHeader.Size != 0)
        {
            return true;
        }

        if (position >= produced)
        {
            return false;
        }

        uint* header = Memory.HeaderAt(position);
        uint value = Volatile.Read(ref *header);
        bool isBusy = (value & (RecordHeader.Busy | RecordHeader.Discard)) == RecordHeader.Busy;
        return !isBusy
            || RecordHeader.Check(RecordHeader.Total(RecordHeader.LengthOf(value)), produced - position, Memory.Size) != Errno.None
            || !Libc.IsLocked(data);
    }
}
