using LibMultipath.Block;

namespace BdevDriver.Devices;

/// <summary>How a SCSI command ended.</summary>
/// <param name="Error">Why it was not even tried: the device is none of SCSI (ENOTTY), or has gone.</param>
/// <param name="Status">What the target said.</param>
/// <param name="HostStatus">What kept the command from the target (<c>DID_…</c>); 0 for nothing.</param>
/// <param name="SenseKey">Why, when the status is CHECK CONDITION.</param>
/// <param name="Code">Why in more detail (the additional sense code).</param>
internal readonly record struct ScsiOutcome(Errno Error, byte Status, int HostStatus, byte SenseKey, byte Code)
{
    private const byte Good = 0;
    private const byte CheckCondition = 2;
    private const byte Conflict = 0x18;
    private const byte NotReady = 2;
    private const byte IllegalRequest = 5;
    private const byte UnitAttention = 6;
    private const byte InvalidOperationCode = 0x20;

    /// <summary>Whether it was carried out.</summary>
    public bool IsGood => Error == Errno.None && HostStatus == 0 && Status == Good;

    /// <summary>Whether the target told of something that had happened before, instead: the command is to be sent again.</summary>
    public bool IsUnitAttention => IsAnswered && Status == CheckCondition && SenseKey == UnitAttention;

    /// <summary>Whether somebody else's reservation keeps it from being carried out.</summary>
    public bool IsConflict => IsAnswered && Status == Conflict;

    /// <summary>Whether the target does not know the command.</summary>
    public bool IsUnknownCommand => IsAnswered && Status == CheckCondition && SenseKey == IllegalRequest && Code == InvalidOperationCode;

    /// <summary>Whether a unit has answered that takes commands: it may have had something else to say.</summary>
    public bool IsReady => IsAnswered && !(Status == CheckCondition && SenseKey == NotReady);

    private bool IsAnswered => Error == Errno.None && HostStatus == 0;
}
