namespace LibMultipath.Ublk.Abi;

/// <summary>
/// What a kernel offers, and what a device was added with: the kernel's UBLK_F bits. <see cref="UblkFeatureNames"/> puts
/// them in words, bits that this list does not know included.
/// </summary>
[Flags]
public enum UblkFeatures : ulong
{
    /// <summary>Requests are copied to and from the server's buffers by the driver.</summary>
    None = 0,

    /// <summary>The server registers a request's pages with its ring and never sees the data (UBLK_F_SUPPORT_ZERO_COPY).</summary>
    ZeroCopy = 1UL << 0,

    /// <summary>Commands complete in the task that fetched them; newer kernels always do (UBLK_F_URING_CMD_COMP_IN_TASK).</summary>
    CompleteInTask = 1UL << 1,

    /// <summary>For a write the server names its buffer only when the request is there (UBLK_F_NEED_GET_DATA).</summary>
    GetData = 1UL << 2,

    /// <summary>The disk outlives its server; I/O waits, what was with the server fails (UBLK_F_USER_RECOVERY).</summary>
    UserRecovery = 1UL << 3,

    /// <summary>With recovery: what was with the server is given to the next one (UBLK_F_USER_RECOVERY_REISSUE).</summary>
    UserRecoveryReissue = 1UL << 4,

    /// <summary>Devices for users who are not root (UBLK_F_UNPRIVILEGED_DEV).</summary>
    UnprivilegedDevice = 1UL << 5,

    /// <summary>Commands are encoded as ioctl numbers (UBLK_F_CMD_IOCTL_ENCODE).</summary>
    IoctlEncode = 1UL << 6,

    /// <summary>The server copies with pread and pwrite on the char device (UBLK_F_USER_COPY).</summary>
    UserCopy = 1UL << 7,

    /// <summary>Zoned disks (UBLK_F_ZONED).</summary>
    Zoned = 1UL << 8,

    /// <summary>With recovery: I/O fails at once while there is no server (UBLK_F_USER_RECOVERY_FAIL_IO).</summary>
    UserRecoveryFailIo = 1UL << 9,

    /// <summary>The size of a live disk can change (UBLK_F_UPDATE_SIZE).</summary>
    UpdateSize = 1UL << 10,

    /// <summary>The driver registers a request's pages with the ring by itself (UBLK_F_AUTO_BUF_REG).</summary>
    AutoBufferRegistration = 1UL << 11,

    /// <summary>With recovery: a live device can be taken from its server in order (UBLK_F_QUIESCE).</summary>
    Quiesce = 1UL << 12,

    /// <summary>Each tag may belong to a thread of its own, not only each queue (UBLK_F_PER_IO_DAEMON).</summary>
    PerIoDaemon = 1UL << 13,

    /// <summary>Buffers may be registered from any thread (UBLK_F_BUF_REG_OFF_DAEMON).</summary>
    BufferRegistrationOffDaemon = 1UL << 14,

    /// <summary>Requests are fetched and committed many at a time, from any thread (UBLK_F_BATCH_IO).</summary>
    BatchIo = 1UL << 15,

    /// <summary>Metadata beside the data (UBLK_F_INTEGRITY).</summary>
    Integrity = 1UL << 16,

    /// <summary>A device can be stopped on condition that nobody has it open (UBLK_F_SAFE_STOP_DEV).</summary>
    SafeStop = 1UL << 17,

    /// <summary>No partition scan when the disk appears (UBLK_F_NO_AUTO_PART_SCAN).</summary>
    NoPartitionScan = 1UL << 18,

    /// <summary>Requests whose pages the server shares need no copy (UBLK_F_SHMEM_ZC).</summary>
    SharedMemoryZeroCopy = 1UL << 19,
}
