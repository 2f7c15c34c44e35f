using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Work;

namespace LibMultipath.Disk;

public sealed partial class MpathDisk
{
    private readonly BioWaitList _requeueList = new();
    private readonly DeferredWork _requeueWork;
    private readonly LogRateLimit _noUsablePathLimit = new();
    private readonly LogRateLimit _noAvailablePathLimit = new();
    private readonly LogRateLimit _failoverLimit = new();
    private readonly LogRateLimit _templateLimit = new();
    private readonly LogRateLimit _zoneLimit = new();

    /// <summary>How many bios wait to be tried again. Exact when nothing changes meanwhile.</summary>
    public int WaitingCount => _requeueList.Count;

    void IMpathHeadDisk.ScheduleRequeue() => ScheduleRequeue();

    private void ScheduleRequeue() => _requeueWork.Queue();

    /// <summary>Keeps a bio until the next cause to try again; from then on it is whoever's takes it off the list.</summary>
    /// <param name="bio">The bio; its caller owns it.</param>
    /// <param name="schedule">Whether this is a cause to try again.</param>
    private void PutOnRequeueList(Bio bio, bool schedule = false)
    {
        if (!_requeueList.Add(bio))
        {
            EndCancelled(bio);
        }
        else if (schedule)
        {
            ScheduleRequeue();
        }
    }

    /// <summary>
    /// The requeue work (<c>nvme_requeue_work</c>): every bio that waits now is tried once. One that comes back to the
    /// list waits for the next cause, so a head without a usable path does not spin.
    /// </summary>
    private void Requeue()
    {
        for (Bio? bio = _requeueList.TakeAll(); bio is not null;)
        {
            Bio? next = bio.Next;
            bio.Next = null;
            if (bio.CancelRequested)
            {
                EndCancelled(bio);
            }
            else
            {
                Reissue(bio);
            }

            bio = next;
        }
    }
}
