namespace LibMultipath.Reservations;

/// <summary>What a target knows a registration by.</summary>
public enum ReservationScope
{
    /// <summary>By the host, whichever path it comes on, as NVMe does: any path will do for any operation.</summary>
    Host,

    /// <summary>By the path (the I_T nexus), as SCSI does: a disk with four paths has four registrations.</summary>
    Nexus,
}
