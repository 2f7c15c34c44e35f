using System.Buffers.Binary;
using LibMultipath.Block;
using LibMultipath.Reservations;

namespace LibMultipath.Passthrough;

/// <summary>
/// A PERSISTENT RESERVE command that a user has sent to a multipath disk as a SCSI command: carried out for all paths, and
/// answered as a device would (SPC-4, 6.13 and 6.14). Registrations persist if those of the paths do, whatever
/// APTPL says.
/// </summary>
internal readonly ref struct ScsiReservation(SgIo command, MpathReservations? reservations)
{
    private const byte IllegalRequest = 5;
    private const byte HardwareError = 4;
    private const ushort InvalidOperation = 0x2000;
    private const ushort InvalidField = 0x2400;
    private const ushort InvalidParameters = 0x2600;
    private const ushort InternalFailure = 0x4400;
    private const ushort NoConnect = 1; // DID_NO_CONNECT
    private const ushort Disrupted = 0xe; // DID_TRANSPORT_DISRUPTED
    private const ushort FailFast = 0xf; // DID_TRANSPORT_FAILFAST

    private const int ParametersSize = 24;
    private const int CommandSize = 10;
    private const byte SpecifyPorts = 0x08; // SPEC_I_PT
    private const byte AllPorts = 0x04; // ALL_TG_PT

    /// <summary>Carries it out.</summary>
    /// <returns>The answer of the ioctl; null if it changes nothing, and one path can answer it as well.</returns>
    public int? CarryOut()
    {
        if (command.IsOfOnePath)
        {
            return Refuse(InvalidOperation);
        }

        if (command.Command.Length < CommandSize || command.IsScattered)
        {
            return -(int)Errno.EINVAL;
        }

        int action = command.Command[1] & 0x1f;
        if (command.Command[0] == SgIo.PersistentReserveIn)
        {
            return action switch
            {
                0 => ReadKeys(),
                1 => ReadReservation(),
                _ => null,
            };
        }

        return Out(action);
    }

    private int ReadKeys()
    {
        PrKeys? keys = null;
        PrStatus status = reservations?.ReadKeys(out keys) ?? PrStatus.NotSupported;
        if (status != PrStatus.Success)
        {
            return End(status);
        }

        byte[] data = new byte[8 + (8 * keys!.Keys.Count)];
        BinaryPrimitives.WriteUInt32BigEndian(data, keys.Generation);
        BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(4), (uint)(8 * keys.Count));
        for (int i = 0; i < keys.Keys.Count; i++)
        {
            BinaryPrimitives.WriteUInt64BigEndian(data.AsSpan(8 + (8 * i)), keys.Keys[i]);
        }

        return Answer(data);
    }

    private int ReadReservation()
    {
        PrReservation? reservation = null;
        PrStatus status = reservations?.ReadReservation(out reservation) ?? PrStatus.NotSupported;
        if (status != PrStatus.Success)
        {
            return End(status);
        }

        byte[] data = new byte[reservation is null ? 8 : 24];
        if (reservation is null)
        {
            status = reservations!.ReadKeys(out PrKeys? keys);
            if (status != PrStatus.Success)
            {
                return End(status);
            }

            BinaryPrimitives.WriteUInt32BigEndian(data, keys!.Generation);
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(data, reservation.Generation);
            BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(4), 16);
            BinaryPrimitives.WriteUInt64BigEndian(data.AsSpan(8), reservation.Key);
            data[21] = ToScsi(reservation.Type);
        }

        return Answer(data);
    }

    private int Out(int action)
    {
        if (command.Data.Length < ParametersSize)
        {
            return Refuse(0x1a00); // parameter list length error
        }

        ReadOnlySpan<byte> parameters = command.Data;
        ulong key = BinaryPrimitives.ReadUInt64BigEndian(parameters);
        ulong second = BinaryPrimitives.ReadUInt64BigEndian(parameters[8..]);
        if ((parameters[20] & (SpecifyPorts | AllPorts)) != 0)
        {
            // Registrations of others, or of paths that there are not: nobody here would know of them.
            return Refuse(InvalidParameters);
        }

        bool hasType = action is 1 or 2 or 4 or 5;
        PrType type = FromScsi(command.Command[2]);
        if (hasType && (type == 0 || command.Command[2] >> 4 != 0))
        {
            return Refuse(InvalidField);
        }

        if (reservations is not { } all)
        {
            return End(PrStatus.NotSupported);
        }

        return action switch
        {
            0 => End(all.Register(key, second)),
            1 => End(all.Reserve(key, type)),
            2 => End(all.Release(key, type)),
            3 => End(all.Clear(key)),
            4 or 5 => End(all.Preempt(key, second, type, abort: action == 5)),
            6 => End(all.Register(0, second, ignoreKey: true)),
            _ => Refuse(InvalidField),
        };
    }

    private int End(PrStatus status)
    {
        switch (status)
        {
            case PrStatus.Success:
                command.EndGood(0);
                break;
            case PrStatus.ReservationConflict:
                command.EndConflict();
                break;
            case PrStatus.PathFailed:
                command.EndHost(NoConnect);
                break;
            case PrStatus.RetryPathFailure:
                command.EndHost(Disrupted);
                break;
            case PrStatus.PathFastFailed:
                command.EndHost(FailFast);
                break;
            case PrStatus.NoPath:
                return (int)PrStatus.NoPath;
            case PrStatus.NotSupported:
                return Refuse(InvalidOperation);
            default:
                command.EndCheck(HardwareError, InternalFailure);
                break;
        }

        return 0;
    }

    private int Refuse(ushort code)
    {
        command.EndCheck(IllegalRequest, code);
        return 0;
    }

    private int Answer(byte[] data)
    {
        Span<byte> room = command.Data;
        int length = Math.Min(Math.Min(data.Length, room.Length), BinaryPrimitives.ReadUInt16BigEndian(command.Command[7..]));
        data.AsSpan(0, length).CopyTo(room);
        command.EndGood(length);
        return 0;
    }

    // SCSI has room for types that were never used.
    private static PrType FromScsi(byte scopeAndType) => (scopeAndType & 0x0f) switch
    {
        1 => PrType.WriteExclusive,
        3 => PrType.ExclusiveAccess,
        5 => PrType.WriteExclusiveRegistrantsOnly,
        6 => PrType.ExclusiveAccessRegistrantsOnly,
        7 => PrType.WriteExclusiveAllRegistrants,
        8 => PrType.ExclusiveAccessAllRegistrants,
        _ => 0,
    };

    private static byte ToScsi(PrType type) => type switch
    {
        PrType.WriteExclusive => 1,
        PrType.ExclusiveAccess => 3,
        PrType.WriteExclusiveRegistrantsOnly => 5,
        PrType.ExclusiveAccessRegistrantsOnly => 6,
        PrType.WriteExclusiveAllRegistrants => 7,
        _ => 8,
    };
}
