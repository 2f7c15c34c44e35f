namespace BdevDriver.Devices;

/// <summary>Whether a device can be used.</summary>
internal enum DeviceCondition
{
    /// <summary>It takes I/O, as far as anybody knows.</summary>
    Works,

    /// <summary>It takes none now, and may later.</summary>
    Down,

    /// <summary>It was removed: what comes back is another one.</summary>
    Gone,
}
