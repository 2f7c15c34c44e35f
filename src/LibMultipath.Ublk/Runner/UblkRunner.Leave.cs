using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Control;

namespace LibMultipath.Ublk.Runner;

// How a device is given to the next server.
public sealed partial class UblkRunner
{
    // How long one try waits for the device to be quiesced, or for the threads after that.
    private static readonly TimeSpan s_try = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// Leaves a recoverable device to the next server: it gives no new requests, those that are under way end, and then
    /// the threads end and the device is closed. When that takes too long, or the device has no
    /// <see cref="UblkFeatures.Quiesce"/>, the target's requests are given up as by <see cref="Abandon"/>, which the log
    /// says: a write that the target still carries out may then land after the next server has done it again.
    /// </summary>
    /// <param name="timeout">How long it may take.</param>
    /// <returns>Whether every request had its end.</returns>
    public bool Leave(TimeSpan timeout)
    {
        bool clean = TryQuiesce(new Deadline(timeout));
        if (!clean)
        {
            _logger.LeftWithRequests(Device.Info.Id);
        }

        Abandon();
        return clean;
    }

    // The kernel takes back the tags that are idle at the moment. It may find none, and says so or does not: then it is
    // asked again, and meanwhile the target completes requests.
    private bool TryQuiesce(Deadline deadline)
    {
        if ((Device.Info.Features & UblkFeatures.Quiesce) == 0)
        {
            _logger.NotQuiesced(Device.Info.Id, "it was added without QUIESCE");
            return false;
        }

        if (Ended.IsCompleted)
        {
            return Ended.IsCompletedSuccessfully;
        }

        do
        {
            try
            {
                Device.Quiesce(s_try);
            }
            catch (UblkException exception) when (exception.Kind == UblkErrorKind.Busy)
            {
                continue;
            }
            catch (UblkException exception)
            {
                _logger.NotQuiesced(Device.Info.Id, exception.Message);
                return false;
            }

            if (Wait(s_try))
            {
                return Array.TrueForAll(_threads, thread => thread.Ended.IsCompletedSuccessfully);
            }
        }
        while (!deadline.IsOver);

        return false;
    }
}
