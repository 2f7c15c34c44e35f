namespace LibMultipath.Passthrough;

/// <summary>A command that is not a bio (the arguments of <c>ioctl(2)</c>).</summary>
/// <param name="Code">The command.</param>
/// <param name="Argument">Its third argument: a number, or the address of memory in this process, valid until the command has ended.</param>
public readonly record struct MpathIoctl(uint Code, nint Argument)
{
    /// <summary>Whether it was sent to a partition of the disk.</summary>
    public bool OnPartition { get; init; }

    /// <summary>Whether its sender may send raw commands (CAP_SYS_RAWIO).</summary>
    public bool HasRawIo { get; init; }
}
