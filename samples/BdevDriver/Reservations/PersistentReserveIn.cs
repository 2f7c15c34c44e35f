using System.Buffers.Binary;
using BdevDriver.Devices;
using LibMultipath.Block;
using LibMultipath.Reservations;

namespace BdevDriver.Reservations;

/// <summary>
/// Reads registrations and the reservation with the SCSI command PERSISTENT RESERVE IN: for kernels that have no ioctl for
/// it.
/// </summary>
internal static class PersistentReserveIn
{
    private const byte OperationCode = 0x5E;
    private const byte ReadKeysAction = 0;
    private const byte ReadReservationAction = 1;
    private const int HeaderSize = 8;
    private const int ReservationSize = 24;
    private const int MostAttentions = 5;

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);

    /// <summary>Reads the keys.</summary>
    /// <param name="path">Where they are.</param>
    /// <param name="room">How many are read at the most.</param>
    /// <param name="keys">The keys.</param>
    public static PrStatus ReadKeys(BdevPath path, int room, out PrKeys? keys)
    {
        byte[] data = new byte[HeaderSize + (room * sizeof(ulong))];
        PrStatus status = Run(path, ReadKeysAction, data);
        keys = status == PrStatus.Success ? ParseKeys(data) : null;
        return status;
    }

    /// <summary>Reads the reservation.</summary>
    public static PrStatus ReadReservation(BdevPath path, out PrReservation? reservation)
    {
        byte[] data = new byte[ReservationSize];
        PrStatus status = Run(path, ReadReservationAction, data);
        reservation = status == PrStatus.Success ? ParseReservation(data) : null;
        return status;
    }

    /// <summary>Whether the device is a SCSI disk that has no persistent reservations.</summary>
    public static bool IsUnknown(BdevPath path) => Send(path, ReadKeysAction, new byte[HeaderSize]).IsUnknownCommand;

    /// <summary>What READ KEYS gives: a generation, a length in bytes, and as many keys as there is room for.</summary>
    public static PrKeys ParseKeys(ReadOnlySpan<byte> data)
    {
        int count = (int)(BinaryPrimitives.ReadUInt32BigEndian(data[4..]) / sizeof(ulong));
        ulong[] keys = new ulong[Math.Min(count, (data.Length - HeaderSize) / sizeof(ulong))];
        for (int i = 0; i < keys.Length; i++)
        {
            keys[i] = BinaryPrimitives.ReadUInt64BigEndian(data[(HeaderSize + (i * sizeof(ulong)))..]);
        }

        return new PrKeys(BinaryPrimitives.ReadUInt32BigEndian(data), keys, count);
    }

    /// <summary>What READ RESERVATION gives; null when nobody has reserved.</summary>
    public static PrReservation? ParseReservation(ReadOnlySpan<byte> data) =>
        BinaryPrimitives.ReadUInt32BigEndian(data[4..]) == 0
            ? null
            : new PrReservation(
                BinaryPrimitives.ReadUInt32BigEndian(data), BinaryPrimitives.ReadUInt64BigEndian(data[HeaderSize..]), TypeOf((byte)(data[21] & 0xF)));

    // SCSI has numbers of its own for the types.
    private static PrType TypeOf(byte type) => type switch
    {
        1 => PrType.WriteExclusive,
        3 => PrType.ExclusiveAccess,
        5 => PrType.WriteExclusiveRegistrantsOnly,
        6 => PrType.ExclusiveAccessRegistrantsOnly,
        7 => PrType.WriteExclusiveAllRegistrants,
        8 => PrType.ExclusiveAccessAllRegistrants,
        _ => throw new BlockException(Errno.EOPNOTSUPP, $"there is a reservation of type {type}, which nobody here knows"),
    };

    private static PrStatus Run(BdevPath path, byte action, Span<byte> data)
    {
        return Send(path, action, data) switch
        {
            { IsGood: true } => PrStatus.Success,
            { IsConflict: true } => PrStatus.ReservationConflict,
            { IsUnknownCommand: true } or { Error: Errno.ENOTTY or Errno.EOPNOTSUPP or Errno.EINVAL } => PrStatus.NotSupported,
            { Error: Errno.ENODEV or Errno.ENXIO } or { HostStatus: not 0 } => PrStatus.PathFailed,
            _ => PrStatus.IoError,
        };
    }

    private static ScsiOutcome Send(BdevPath path, byte action, Span<byte> data)
    {
        ReadOnlySpan<byte> command = [OperationCode, action, 0, 0, 0, 0, 0, (byte)(data.Length >> 8), (byte)data.Length, 0];
        ScsiOutcome outcome = default;
        for (int tries = 0; tries <= MostAttentions; tries++)
        {
            outcome = path.Scsi(command, data, s_timeout);
            if (!outcome.IsUnitAttention)
            {
                break;
            }
        }

        return outcome;
    }
}
