using System.Buffers.Binary;

namespace LibMultipath.Passthrough;

/// <summary>A SCSI command that was sent with SG_IO: its bytes, its data, and where its end is told.</summary>
internal readonly unsafe struct SgIo
{
    public const byte PersistentReserveIn = 0x5e;
    public const byte PersistentReserveOut = 0x5f;

    // RESERVE and RELEASE of SPC-2, with commands of 6 and of 10 bytes.
    private const byte Reserve6 = 0x16;
    private const byte Release6 = 0x17;
    private const byte Reserve10 = 0x56;
    private const byte Release10 = 0x57;

    private const uint Request = 0x2285; // SG_IO
    private const int Interface = 'S';
    private const int Version4 = 'Q'; // struct sg_io_v4
    private const int RequestLengthOfVersion4 = 12;
    private const int RequestOfVersion4 = 16;
    private const byte SenseSize = 18;

    private readonly sg_io_hdr* _header;

    private SgIo(sg_io_hdr* header) => _header = header;

    /// <summary>The command descriptor block.</summary>
    public ReadOnlySpan<byte> Command => new(_header->cmdp, _header->cmd_len);

    /// <summary>Whether what it sends or receives is scattered.</summary>
    public bool IsScattered => _header->iovec_count != 0;

    /// <summary>What it sends or receives; empty when that is scattered, or nothing.</summary>
    public Span<byte> Data => _header->iovec_count != 0 || _header->dxferp is null
        ? default
        : new Span<byte>(_header->dxferp, (int)Math.Min(_header->dxfer_len, int.MaxValue));

    /// <summary>Whether it is a reservation that does not persist, and that one path would have alone.</summary>
    public bool IsOfOnePath => IsOld(_header->cmdp[0]);

    /// <summary>Whether a command is a SCSI command that carries a reservation.</summary>
    public static bool TryGetReservationCommand(in MpathIoctl ioctl, out SgIo command)
    {
        var header = (sg_io_hdr*)ioctl.Argument;
        command = new SgIo(header);
        return ioctl.Code == Request && header is not null && header->interface_id == Interface
            && header->cmdp is not null && header->cmd_len > 0
            && IsReservation(header->cmdp[0]);
    }

    /// <summary>Whether a command is such a one, in a header that only nodes of bsg take.</summary>
    public static bool IsReservationOfVersion4(in MpathIoctl ioctl)
    {
        byte* header = (byte*)ioctl.Argument;
        return ioctl.Code == Request && header is not null && *(int*)header == Version4
            && *(uint*)(header + RequestLengthOfVersion4) > 0
            && *(byte**)(header + RequestOfVersion4) is var command && command is not null && IsReservation(*command);
    }

    /// <summary>It ended well.</summary>
    /// <param name="received">How many bytes of <see cref="Data"/> are its answer.</param>
    public void EndGood(int received) => End(0, 0, received);

    /// <summary>It met a reservation (RESERVATION CONFLICT).</summary>
    public void EndConflict() => End(0x18, 0, 0);

    /// <summary>The path failed (<c>DID_*</c> of the kernel).</summary>
    public void EndHost(ushort hostStatus) => End(0, hostStatus, 0);

    /// <summary>The device refused it (CHECK CONDITION).</summary>
    public void EndCheck(byte senseKey, ushort code)
    {
        End(0x02, 0, 0);
        if (_header->sbp is null || _header->mx_sb_len == 0)
        {
            return;
        }

        Span<byte> sense = stackalloc byte[SenseSize];
        sense.Clear();
        sense[0] = 0x70; // current, fixed format
        sense[2] = senseKey;
        sense[7] = SenseSize - 8;
        BinaryPrimitives.WriteUInt16BigEndian(sense[12..], code);
        byte written = Math.Min(SenseSize, _header->mx_sb_len);
        sense[..written].CopyTo(new Span<byte>(_header->sbp, written));
        _header->sb_len_wr = written;
        _header->driver_status = 8; // DRIVER_SENSE
    }

    private static bool IsReservation(byte operation) => operation is PersistentReserveIn or PersistentReserveOut || IsOld(operation);

    private static bool IsOld(byte operation) => operation is Reserve6 or Release6 or Reserve10 or Release10;

    private void End(byte status, ushort hostStatus, int received)
    {
        bool sends = _header->cmdp[0] == PersistentReserveOut;
        _header->status = status;
        _header->masked_status = (byte)((status >> 1) & 0x1f);
        _header->msg_status = 0;
        _header->sb_len_wr = 0;
        _header->host_status = hostStatus;
        _header->driver_status = 0;
        _header->resid = sends && status == 0 && hostStatus == 0 ? 0 : (int)(_header->dxfer_len - (uint)received);
        _header->duration = 0;
        _header->info = status == 0 && hostStatus == 0 ? 0u : 1u; // SG_INFO_CHECK
    }
}
