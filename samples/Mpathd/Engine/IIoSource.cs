namespace Mpathd.Engine;

/// <summary>What a lane does next. For the lane's thread alone.</summary>
internal interface IIoSource
{
    /// <summary>
    /// Says what the next I/O is, in the slot's operation, flags, block and count, and claims the blocks in the model if
    /// there is one.
    /// </summary>
    /// <returns>
    /// False when there is none now: every place that was tried is busy, so an I/O has to end first; or there will be
    /// none any more.
    /// </returns>
    bool TryNext(IoSlot slot);
}
