using LibMultipath.Block;

namespace LibMultipath.Nbd.Protocol;

/// <summary>The errors that go over the wire (<c>NBD_E*</c>), and what they are as a status.</summary>
internal static class NbdError
{
    public const uint None = 0;
    public const uint Perm = 1;
    public const uint Io = 5;
    public const uint NoMemory = 12;
    public const uint Invalid = 22;
    public const uint NoSpace = 28;
    public const uint Overflow = 75;
    public const uint NotSupported = 95;
    public const uint Shutdown = 108;

    /// <summary>What a server's error is for a bio. Numbers that the protocol does not know are EINVAL, as it says.</summary>
    public static BlockStatus ToStatus(uint error) => error switch
    {
        None => BlockStatus.Ok,
        Perm => BlockStatus.Target,
        Io => BlockStatus.IoError,
        NoMemory => BlockStatus.Resource,
        NoSpace => BlockStatus.NoSpace,
        NotSupported => BlockStatus.NotSupported,
        Shutdown => BlockStatus.Offline,
        _ => BlockStatus.Invalid,
    };

    /// <summary>What the end of a bio is for a client.</summary>
    public static uint OfStatus(BlockStatus status) => status switch
    {
        BlockStatus.Ok => None,
        BlockStatus.NotSupported => NotSupported,
        BlockStatus.NoSpace => NoSpace,
        BlockStatus.Resource or BlockStatus.DeviceResource => NoMemory,
        BlockStatus.Invalid => Invalid,
        BlockStatus.ReservationConflict => Perm,
        _ => Io,
    };
}
