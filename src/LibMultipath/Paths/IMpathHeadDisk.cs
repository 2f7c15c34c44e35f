namespace LibMultipath.Paths;

/// <summary>What a head asks of the disk that is put on it: the disk stands above the head, so it is seen through this.</summary>
internal interface IMpathHeadDisk
{
    /// <summary>Whether users see the disk.</summary>
    bool IsLive { get; }

    /// <summary>How many bios wait to be tried again.</summary>
    int WaitingCount { get; }

    /// <summary>A path has become usable (<c>nvme_mpath_set_live</c>).</summary>
    void SetLive(MpathDevice path);

    /// <summary>Something has changed for which I/O that waits should be tried again.</summary>
    void ScheduleRequeue();

    /// <summary>The capacity or the limits of the head may have changed.</summary>
    void LimitsChanged();

    /// <summary>Takes the disk away from its users. Blocks.</summary>
    void Remove();
}
