namespace LibMultipath.Ublk.Abi;

/// <summary>Where a device is in its life: the kernel's UBLK_S_DEV values.</summary>
public enum UblkDeviceState
{
    /// <summary>Added and not started, or stopped: there is no block device.</summary>
    Dead = 0,

    /// <summary>The block device is there and served.</summary>
    Live = 1,

    /// <summary>The server is gone, or was asked to go; I/O waits for the next one.</summary>
    Quiesced = 2,

    /// <summary>The server is gone; I/O fails until the next one is there.</summary>
    FailIo = 3,
}
