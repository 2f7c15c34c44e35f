using Microsoft.Win32.SafeHandles;

namespace LibMultipath.RingBuffer;

/// <summary>
/// Where producers wait for room, on the consumer's position: nobody has to change it for them. A drain that is not to
/// wake anybody leaves them asleep: a plain wait looks again only when it was woken. One that looks at a token, and the
/// thread of those who await, sleep in slices, and find after one that the position is another.
/// </summary>
internal sealed unsafe class RoomPoint(RingMemory memory, SafeFileHandle locked) : WaitPoint(memory, locked, looksAgain: false)
{
    protected override uint* Word => Memory.RoomWord;

    protected override int* Sleepers => &Memory.Producer->Sleepers;

    public override bool IsMet(int size) =>
        Volatile.Read(ref Memory.Producer->Position) + RecordHeader.Total((uint)size) - Volatile.Read(ref Memory.Consumer->Position) <= Memory.Size;
}
