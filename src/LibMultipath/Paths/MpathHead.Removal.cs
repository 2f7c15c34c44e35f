namespace LibMultipath.Paths;

public sealed partial class MpathHead
{
    private readonly DelayedRemoval _removal;

    /// <summary>
    /// How long the head stays when its last path has gone, in seconds (<c>delayed_removal_secs</c>), from 0 to
    /// 4,294,967. Above 0, I/O waits while there is no path. Setting it blocks for a grace period; setting 0 while a
    /// removal is pending lets it happen now.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is set to more than a timer can take. Nothing has changed.</exception>
    /// <exception cref="ObjectDisposedException">It is set, and the head is gone. Nothing has changed.</exception>
    public uint DelayedRemovalSecs
    {
        get => _removal.Seconds;
        set
        {
            // It may be what lets the head go.
            ObjectDisposedException.ThrowIf(!TryGet(), this);
            try
            {
                bool changes = _removal.Seconds != value;
                _removal.Seconds = value;
                Srcu.Synchronize();
                ScheduleRequeue();
                if (changes)
                {
                    Tell(HeadChange.DelayedRemovalSecs);
                }
            }
            finally
            {
                Put();
            }
        }
    }

    /// <summary>Whether I/O waits although there is no path (<c>NVME_NSHEAD_QUEUE_IF_NO_PATH</c>).</summary>
    public bool QueuesWithoutPath => _removal.Seconds > 0;

    /// <summary>Whether the last path has gone and the head will be removed when the delay is over.</summary>
    public bool IsRemovalPending => _removal.IsPending;
}
