namespace LibMultipath.Ublk.Abi;

/// <summary>How a request is to be done: the kernel's UBLK_IO_F bits, at their places in <c>op_flags</c>.</summary>
[Flags]
public enum UblkIoFlags : uint
{
    /// <summary>Nothing special.</summary>
    None = 0,

    /// <summary>Do not retry after an error of the device.</summary>
    FailfastDevice = 1U << 8,

    /// <summary>Do not retry after an error of the transport.</summary>
    FailfastTransport = 1U << 9,

    /// <summary>Do not retry after an error of the driver.</summary>
    FailfastDriver = 1U << 10,

    /// <summary>Metadata of a filesystem.</summary>
    Meta = 1U << 11,

    /// <summary>Durable before it is acknowledged.</summary>
    Fua = 1U << 13,

    /// <summary>Write zeroes without giving the blocks back.</summary>
    NoUnmap = 1U << 15,

    /// <summary>Swapping.</summary>
    Swap = 1U << 16,

    /// <summary>The automatic registration failed: register the buffer by hand.</summary>
    NeedRegisterBuffer = 1U << 17,

    /// <summary>The request has metadata beside its data.</summary>
    Integrity = 1U << 18,

    /// <summary>The data lies in registered shared memory, and the address says where in it.</summary>
    SharedMemory = 1U << 19,
}
