using Microsoft.Win32.SafeHandles;

namespace LibMultipath.RingBuffer;

/// <summary>
/// Where producers wait for room, on the consumer's position: nobody has to change it for them. A drain that is not to
/// wake anybody leaves them asleep, so they look again only when they were woken.
/// </summary>
internal sealed unsafe class RoomPoint(RingMemory memory, SafeFileHandle locked) : WaitPoint(memory, locked, looksAgain: false)
{
    protected override uint* Word => Memory.RoomWord;

    protected override int* Sleepers => &Memory.Producer->Sleepers;

    public override bool IsMet(int size) =>
        Volatile.Read(ref Memory.Producer->Position) + RecordHeader.Total((uint)size) - Volatile.Read(ref Memory.Consumer->Position) <= Memory.Size;
}
