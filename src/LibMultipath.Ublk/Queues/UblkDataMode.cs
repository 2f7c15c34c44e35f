using LibMultipath.Ublk.Abi;

namespace LibMultipath.Ublk.Queues;

/// <summary>How the data of a request gets between the kernel and its server.</summary>
public enum UblkDataMode
{
    /// <summary>The driver copies it to and from the tag's buffer.</summary>
    Copy,

    /// <summary>As <see cref="Copy"/>, but the data of a write is fetched when the request is there.</summary>
    GetData,

    /// <summary>The server copies what it wants, when it wants, by reading and writing the char device.</summary>
    UserCopy,

    /// <summary>The request's pages become a registered buffer of the queue's ring; the server never sees the data.</summary>
    ZeroCopy,

    /// <summary>As <see cref="ZeroCopy"/>, but the driver registers and unregisters by itself.</summary>
    AutoZeroCopy,
}

/// <summary>The data mode and the features of a device.</summary>
public static class UblkDataModes
{
    /// <summary>
    /// The mode of a device with these features. User copy beside zero copy is for what is not a read or write, such as
    /// zone reports.
    /// </summary>
    public static UblkDataMode Of(UblkFeatures features) => features switch
    {
        _ when features.HasFlag(UblkFeatures.AutoBufferRegistration) => UblkDataMode.AutoZeroCopy,
        _ when features.HasFlag(UblkFeatures.ZeroCopy) => UblkDataMode.ZeroCopy,
        _ when features.HasFlag(UblkFeatures.UserCopy) => UblkDataMode.UserCopy,
        _ when features.HasFlag(UblkFeatures.GetData) => UblkDataMode.GetData,
        _ => UblkDataMode.Copy,
    };

    /// <summary>The features that a mode needs.</summary>
    public static UblkFeatures ToFeatures(this UblkDataMode mode) => mode switch
    {
        UblkDataMode.GetData => UblkFeatures.GetData,
        UblkDataMode.UserCopy => UblkFeatures.UserCopy,
        UblkDataMode.ZeroCopy => UblkFeatures.ZeroCopy,
        UblkDataMode.AutoZeroCopy => UblkFeatures.ZeroCopy | UblkFeatures.AutoBufferRegistration,
        _ => UblkFeatures.None,
    };
}
