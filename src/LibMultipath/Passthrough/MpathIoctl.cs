namespace LibMultipath.Passthrough;

/// <summary>A command that is not a bio (the arguments of <c>ioctl(2)</c>).</summary>
/// <param name="Code">The command.</param>
/// <param name="Argument">Its third argument: a number, or the address of memory in this process, valid until the command has ended, that nobody else writes: hand in a copy of a client's.</param>
public readonly record struct MpathIoctl(uint Code, nint Argument)
{
    /// <summary>Whether it was sent to a partition of the disk.</summary>
    public bool OnPartition { get; init; }

    /// <summary>Whether its sender may send raw commands (CAP_SYS_RAWIO): a SCSI command that carries a reservation needs it.</summary>
    public bool HasRawIo { get; init; }

    /// <summary>
    /// Whether its sender has the disk open for writing, or may without (CAP_SYS_ADMIN): what <c>linux/pr.h</c> has needs it.
    /// </summary>
    public bool CanWrite { get; init; }
}
