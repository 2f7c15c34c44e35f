using LibMultipath.Block;
using LibMultipath.RingBuffer;

namespace RingPeer;

/// <summary>Produces what was not begun yet, two records at a time; of two the second is given up first.</summary>
internal static class ProducerPeer
{
    public static void Run(UserRingDescriptors descriptors, PeerLog log)
    {
        using UserRingProducer producer = Open(descriptors);
        while (log.Next < log.Records)
        {
            if (log.Next >= Volatile.Read(ref log.Bound))
            {
                Thread.Sleep(1);
                continue;
            }

            bool isPair = log.Next % 2 == 0 && log.Next + 1 < log.Records;
            long number = log.Next;
            UserRingReservation first = Reserve(producer, log, number);
            if (isPair)
            {
                UserRingReservation second = Reserve(producer, log, number + 1);
                Finish(ref second, log, number + 1);
            }

            Finish(ref first, log, number);
        }

        Volatile.Write(ref log.Finished, 1);
    }

    // The consumer may just be skipping what the last one has left.
    private static UserRingProducer Open(UserRingDescriptors descriptors)
    {
        while (true)
        {
            try
            {
                return UserRingProducer.Open(descriptors);
            }
            catch (UserRingException exception) when (exception.Errno == Errno.EBUSY)
            {
                Thread.Yield();
            }
        }
    }

    private static UserRingReservation Reserve(UserRingProducer producer, PeerLog log, long number)
    {
        log.Note(number, Step.Reserving);
        Volatile.Write(ref log.Next, number + 1);
        Errno error = producer.ReserveBlocking(Record.LengthOf(number), -1, out UserRingReservation reservation);
        return error == Errno.None ? reservation : throw new InvalidDataException($"Reserving record {number}: {error}.");
    }

    private static void Finish(ref UserRingReservation reservation, PeerLog log, long number)
    {
        if (Record.IsDiscarded(number))
        {
            log.Note(number, Step.Discarding);
            reservation.Discard();
            return;
        }

        Record.Write(reservation.Span, number);
        log.Note(number, Step.Submitting);
        reservation.Submit();
        log.Note(number, Step.Submitted);
    }
}
