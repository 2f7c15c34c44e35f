using System.Runtime.CompilerServices;
using LibMultipath.Block;
using LibMultipath.Reservations;

namespace LibMultipath.Passthrough;

/// <summary>The ioctls of <c>linux/pr.h</c>, which are answered for all paths.</summary>
internal static unsafe class PrIoctl
{
    public const uint Register = 0x401870c8; // IOC_PR_REGISTER
    public const uint Reserve = 0x401070c9; // IOC_PR_RESERVE
    public const uint Release = 0x401070ca; // IOC_PR_RELEASE
    public const uint Preempt = 0x401870cb; // IOC_PR_PREEMPT
    public const uint PreemptAbort = 0x401870cc; // IOC_PR_PREEMPT_ABORT
    public const uint Clear = 0x401070cd; // IOC_PR_CLEAR
    public const uint ReadKeys = 0xc01070ce; // IOC_PR_READ_KEYS
    public const uint ReadReservation = 0x801070cf; // IOC_PR_READ_RESERVATION

    private const uint IgnoreKey = 1; // PR_FL_IGNORE_KEY

    public static bool Is(uint code) =>
        code is Register or Reserve or Release or Preempt or PreemptAbort or Clear or ReadKeys or ReadReservation;

    /// <summary>Carries one out.</summary>
    /// <returns>As the kernel: a <see cref="PrStatus"/>, or an errno below 0.</returns>
    public static int CarryOut(in MpathIoctl ioctl, MpathReservations? reservations)
    {
        // A reservation is the whole disk's.
        if (ioctl.OnPartition || !ioctl.CanWrite)
        {
            return -(int)Errno.EPERM;
        }

        if (reservations is null)
        {
            return (int)PrStatus.NotSupported;
        }

        if (ioctl.Argument == 0)
        {
            return -(int)Errno.EFAULT;
        }

        // All begin with keys of 64 bits, and go on with words of 32.
        var keys = (ulong*)ioctl.Argument;
        var words = (uint*)ioctl.Argument;
        return ioctl.Code switch
        {
            Register when (words[4] & ~IgnoreKey) != 0 => -(int)Errno.EOPNOTSUPP,
            Reserve or Release when words[3] != 0 => -(int)Errno.EOPNOTSUPP,
            Preempt or PreemptAbort when words[5] != 0 => -(int)Errno.EOPNOTSUPP,
            Clear when words[2] != 0 => -(int)Errno.EOPNOTSUPP,
            Register => (int)reservations.Register(keys[0], keys[1], words[4] == IgnoreKey),
            Reserve when IsType(words[2]) => (int)reservations.Reserve(keys[0], (PrType)words[2]),
            Release when IsType(words[2]) => (int)reservations.Release(keys[0], (PrType)words[2]),
            Preempt or PreemptAbort when IsType(words[4]) =>
                (int)reservations.Preempt(keys[0], keys[1], (PrType)words[4], abort: ioctl.Code == PreemptAbort),
            Clear => (int)reservations.Clear(keys[0]),
            ReadKeys => AnswerKeys(words, (ulong*)keys[1], reservations),
            ReadReservation => AnswerReservation(keys, words, reservations),
            _ => -(int)Errno.EINVAL,
        };
    }

    private static bool IsType(uint type) => type is >= (uint)PrType.WriteExclusive and <= (uint)PrType.ExclusiveAccessAllRegistrants;

    private static int AnswerKeys(uint* words, ulong* room, MpathReservations reservations)
    {
        PrStatus status = reservations.ReadKeys(out PrKeys? keys);
        if (status != PrStatus.Success)
        {
            return (int)status;
        }

        if (room is null && words[1] != 0)
        {
            return -(int)Errno.EFAULT;
        }

        for (int i = 0; i < keys!.Keys.Count && i < words[1]; i++)
        {
            room[i] = keys.Keys[i];
        }

        words[0] = keys.Generation;
        words[1] = (uint)keys.Count;
        return 0;
    }

    private static int AnswerReservation(ulong* keys, uint* words, MpathReservations reservations)
    {
        PrStatus status = reservations.ReadReservation(out PrReservation? reservation);
        if (status != PrStatus.Success)
        {
            return (int)status;
        }

        Unsafe.InitBlock(keys, 0, 16);
        keys[0] = reservation?.Key ?? 0;
        words[2] = reservation?.Generation ?? 0;
        words[3] = (uint)(reservation?.Type ?? 0);
        return 0;
    }
}
