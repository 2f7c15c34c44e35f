namespace LibMultipath.Ublk.Control;

/// <summary>What kind of failure an <see cref="UblkException"/> is.</summary>
public enum UblkErrorKind
{
    /// <summary>Any other failure of the kernel or the device.</summary>
    Other,

    /// <summary>The machine, the kernel or the device does not have what was asked for.</summary>
    NotSupported,

    /// <summary>The process may not do it.</summary>
    Permission,

    /// <summary>There is no such device, or it is not started.</summary>
    NotFound,

    /// <summary>Not now: the device is open, started, or still its last server's.</summary>
    Busy,

    /// <summary>It did not end in time; it was cancelled.</summary>
    Timeout,
}
