using LibMultipath.Block;
using LibMultipath.RingBuffer;

namespace RingPeer;

/// <summary>Consumes until everything was produced and nothing is left, and looks at every byte.</summary>
internal static class ConsumerPeer
{
    public static void Run(UserRingDescriptors descriptors, PeerLog log, bool once)
    {
        using UserRingBuffer ring = UserRingBuffer.TakeOver(descriptors, once ? UserRingFlags.SkipInHand : UserRingFlags.None);
        log.Skipped += once && ring.InHand is not null ? 1 : 0;
        var handler = new Handler(log, (ushort)++log.Consumers, once ? null : ring.InHand);
        while (true)
        {
            bool isFinished = Volatile.Read(ref log.Finished) != 0;
            UserRingDrain result = ring.Drain(ref handler);
            switch (result.Error)
            {
                case Errno.None:
                    break;
                case Errno.EOWNERDEAD:
                    // A new producer may have been faster, and has skipped it then.
                    Errno error = ring.SkipDead(out int count);
                    log.Skips += count > 0 ? 1 : 0;
                    if (error is not (Errno.None or Errno.EBUSY))
                    {
                        throw new InvalidDataException($"Skipping: {error}, {ring.Fault}.");
                    }

                    break;
                default:
                    throw new InvalidDataException($"Draining: {result.Error}, {ring.Fault}.");
            }

            if (result == default && isFinished)
            {
                return;
            }

            if (result == default)
            {
                ring.Wait(1000);
            }
        }
    }

    private struct Handler(PeerLog log, ushort consumer, ulong? inHand) : IUserRingHandler
    {
        private bool _hasBegun;
        private long _last = -1;

        public int Handle(scoped in UserRingRecord record)
        {
            long number = Record.Check(record.Data);
            if (number <= _last || number >= log.Records)
            {
                throw new InvalidDataException($"Record {number} came after {_last}.");
            }

            bool isFirst = !_hasBegun;
            _hasBegun = true;
            _last = number;
            if (Volatile.Read(ref log.HandledBy(number)) != 0 || record.Position < log.Position)
            {
                // Only what the last consumer was killed with may come again, and it comes first, and was said to.
                if (!isFirst || record.Position + 1 < log.Position || record.Position != inHand)
                {
                    throw new InvalidDataException($"Record {number} at {record.Position} came twice; {log.Position} was handled.");
                }

                log.Repeated++;
            }

            Volatile.Write(ref log.HandledBy(number), consumer);
            Volatile.Write(ref log.Position, record.Position + 1);
            if (log.Handled++ % 512 == 0)
            {
                // For a kill to find it here at times: then the next consumer gets this record again.
                Thread.Yield();
            }

            return 0;
        }
    }
}
