using System.Numerics;

namespace LibMultipath.Ublk.Abi;

/// <summary>Features in words, complete: a bit without a name is told by its number.</summary>
public static class UblkFeatureNames
{
    // By bit: the name of the bit in linux/ublk_cmd.h, without its UBLK_F_.
    private static readonly string[] s_kernelNames =
    [
        "SUPPORT_ZERO_COPY", "URING_CMD_COMP_IN_TASK", "NEED_GET_DATA", "USER_RECOVERY", "USER_RECOVERY_REISSUE",
        "UNPRIVILEGED_DEV", "CMD_IOCTL_ENCODE", "USER_COPY", "ZONED", "USER_RECOVERY_FAIL_IO", "UPDATE_SIZE",
        "AUTO_BUF_REG", "QUIESCE", "PER_IO_DAEMON", "BUF_REG_OFF_DAEMON", "BATCH_IO", "INTEGRITY", "SAFE_STOP_DEV",
        "NO_AUTO_PART_SCAN", "SHMEM_ZC",
    ];

    /// <summary>Every bit that this library knows.</summary>
    public static UblkFeatures Known { get; } = (UblkFeatures)((1UL << s_kernelNames.Length) - 1);

    /// <summary>The names of the set bits, lowest first, as the kernel's header has them without UBLK_F_; <c>bit 37</c> for one without a name.</summary>
    /// <param name="features">The bits.</param>
    public static IReadOnlyList<string> Names(this UblkFeatures features)
    {
        var names = new List<string>();
        for (ulong left = (ulong)features; left != 0; left &= left - 1)
        {
            int bit = BitOperations.TrailingZeroCount(left);
            names.Add(bit < s_kernelNames.Length ? s_kernelNames[bit] : $"bit {bit}");
        }

        return names;
    }

    /// <summary>The names in one line, separated by commas; <c>none</c> without any.</summary>
    /// <param name="features">The bits.</param>
    public static string ToText(this UblkFeatures features) => features == 0 ? "none" : string.Join(", ", features.Names());
}
