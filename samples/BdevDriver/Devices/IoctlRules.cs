using System.Collections.Frozen;
using BdevDriver.Abi;
using LibMultipath.Block;

namespace BdevDriver.Devices;

/// <summary>Which ioctls a path passes on to its device.</summary>
internal static class IoctlRules
{
    private enum Rule
    {
        // Asks, and changes nothing.
        Asks,

        // Changes what others see.
        Changes,

        // Would change the device behind the head's back: its size, its data, its other users.
        Refused,
    }

    private static readonly FrozenDictionary<uint, (string Name, Rule Rule)> s_rules = new (uint Command, string Name, Rule Rule)[]
    {
        (Ioctls.BLKROGET, nameof(Ioctls.BLKROGET), Rule.Asks),
        (Ioctls.BLKGETSIZE, nameof(Ioctls.BLKGETSIZE), Rule.Asks),
        (Ioctls.BLKGETSIZE64, nameof(Ioctls.BLKGETSIZE64), Rule.Asks),
        (Ioctls.BLKSSZGET, nameof(Ioctls.BLKSSZGET), Rule.Asks),
        (Ioctls.BLKPBSZGET, nameof(Ioctls.BLKPBSZGET), Rule.Asks),
        (Ioctls.BLKBSZGET, nameof(Ioctls.BLKBSZGET), Rule.Asks),
        (Ioctls.BLKIOMIN, nameof(Ioctls.BLKIOMIN), Rule.Asks),
        (Ioctls.BLKIOOPT, nameof(Ioctls.BLKIOOPT), Rule.Asks),
        (Ioctls.BLKALIGNOFF, nameof(Ioctls.BLKALIGNOFF), Rule.Asks),
        (Ioctls.BLKSECTGET, nameof(Ioctls.BLKSECTGET), Rule.Asks),
        (Ioctls.BLKRAGET, nameof(Ioctls.BLKRAGET), Rule.Asks),
        (Ioctls.BLKFRAGET, nameof(Ioctls.BLKFRAGET), Rule.Asks),
        (Ioctls.BLKROTATIONAL, nameof(Ioctls.BLKROTATIONAL), Rule.Asks),
        (Ioctls.BLKDISCARDZEROES, nameof(Ioctls.BLKDISCARDZEROES), Rule.Asks),
        (Ioctls.BLKGETDISKSEQ, nameof(Ioctls.BLKGETDISKSEQ), Rule.Asks),
        (Ioctls.HDIO_GETGEO, nameof(Ioctls.HDIO_GETGEO), Rule.Asks),
        (Ioctls.SG_GET_VERSION_NUM, nameof(Ioctls.SG_GET_VERSION_NUM), Rule.Asks),
        (Ioctls.SCSI_IOCTL_GET_IDLUN, nameof(Ioctls.SCSI_IOCTL_GET_IDLUN), Rule.Asks),
        (Ioctls.SCSI_IOCTL_GET_BUS_NUMBER, nameof(Ioctls.SCSI_IOCTL_GET_BUS_NUMBER), Rule.Asks),
        (Ioctls.NVME_IOCTL_ID, nameof(Ioctls.NVME_IOCTL_ID), Rule.Asks),
        (Ioctls.IOC_PR_READ_KEYS, nameof(Ioctls.IOC_PR_READ_KEYS), Rule.Asks),
        (Ioctls.IOC_PR_READ_RESERVATION, nameof(Ioctls.IOC_PR_READ_RESERVATION), Rule.Asks),
        (Ioctls.BLKFLSBUF, nameof(Ioctls.BLKFLSBUF), Rule.Asks),
        (Ioctls.SG_IO, nameof(Ioctls.SG_IO), Rule.Changes),
        (Ioctls.IOC_PR_REGISTER, nameof(Ioctls.IOC_PR_REGISTER), Rule.Changes),
        (Ioctls.IOC_PR_RESERVE, nameof(Ioctls.IOC_PR_RESERVE), Rule.Changes),
        (Ioctls.IOC_PR_RELEASE, nameof(Ioctls.IOC_PR_RELEASE), Rule.Changes),
        (Ioctls.IOC_PR_PREEMPT, nameof(Ioctls.IOC_PR_PREEMPT), Rule.Changes),
        (Ioctls.IOC_PR_PREEMPT_ABORT, nameof(Ioctls.IOC_PR_PREEMPT_ABORT), Rule.Changes),
        (Ioctls.IOC_PR_CLEAR, nameof(Ioctls.IOC_PR_CLEAR), Rule.Changes),
        (Ioctls.BLKROSET, nameof(Ioctls.BLKROSET), Rule.Refused),
        (Ioctls.BLKRRPART, nameof(Ioctls.BLKRRPART), Rule.Refused),
        (Ioctls.BLKPG, nameof(Ioctls.BLKPG), Rule.Refused),
        (Ioctls.BLKBSZSET, nameof(Ioctls.BLKBSZSET), Rule.Refused),
        (Ioctls.BLKRASET, nameof(Ioctls.BLKRASET), Rule.Refused),
        (Ioctls.BLKFRASET, nameof(Ioctls.BLKFRASET), Rule.Refused),
        (Ioctls.BLKDISCARD, nameof(Ioctls.BLKDISCARD), Rule.Refused),
        (Ioctls.BLKSECDISCARD, nameof(Ioctls.BLKSECDISCARD), Rule.Refused),
        (Ioctls.BLKZEROOUT, nameof(Ioctls.BLKZEROOUT), Rule.Refused),
    }.ToFrozenDictionary(rule => rule.Command, rule => (rule.Name, rule.Rule));

    /// <summary>Lets an ioctl pass, or refuses it.</summary>
    /// <returns>Its name.</returns>
    /// <exception cref="BlockException">It is refused: EPERM, EROFS or ENOTTY.</exception>
    public static string Check(uint command, bool readOnly, string device)
    {
        if (!s_rules.TryGetValue(command, out (string Name, Rule Rule) known))
        {
            throw new BlockException(Errno.ENOTTY, $"the ioctl 0x{command:x} is not passed on to {device}: nobody here knows what it does");
        }

        return known.Rule switch
        {
            Rule.Refused => throw new BlockException(Errno.EPERM, $"{known.Name} is not passed on to {device}: it would change the device for all its users; do it where nobody uses the device"),
            Rule.Changes when readOnly => throw new BlockException(Errno.EROFS, $"{known.Name} is not passed on to {device}: the path is only for reading"),
            _ => known.Name,
        };
    }
}
