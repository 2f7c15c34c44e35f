namespace LibMultipath.Reservations;

/// <summary>
/// What a persistent reservation keeps others from (<c>enum pr_type</c>, with its numbers). The holder is the one who has
/// reserved; a registrant is anyone who has registered a key.
/// </summary>
public enum PrType
{
    /// <summary>Only the holder writes (<c>PR_WRITE_EXCLUSIVE</c>).</summary>
    WriteExclusive = 1,

    /// <summary>Only the holder reads and writes (<c>PR_EXCLUSIVE_ACCESS</c>).</summary>
    ExclusiveAccess = 2,

    /// <summary>Only registrants write; one of them holds the reservation (<c>PR_WRITE_EXCLUSIVE_REG_ONLY</c>).</summary>
    WriteExclusiveRegistrantsOnly = 3,

    /// <summary>Only registrants read and write; one of them holds the reservation (<c>PR_EXCLUSIVE_ACCESS_REG_ONLY</c>).</summary>
    ExclusiveAccessRegistrantsOnly = 4,

    /// <summary>Only registrants write; all of them hold the reservation (<c>PR_WRITE_EXCLUSIVE_ALL_REGS</c>).</summary>
    WriteExclusiveAllRegistrants = 5,

    /// <summary>Only registrants read and write; all of them hold the reservation (<c>PR_EXCLUSIVE_ACCESS_ALL_REGS</c>).</summary>
    ExclusiveAccessAllRegistrants = 6,
}
