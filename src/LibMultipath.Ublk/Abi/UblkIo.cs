namespace LibMultipath.Ublk.Abi;

/// <summary>The I/O commands on /dev/ublkcN, their results, and how its file positions and mappings are laid out.</summary>
internal static class UblkIo
{
    public const uint UBLK_U_IO_FETCH_REQ = ReadWrite | 0x20;
    public const uint UBLK_U_IO_COMMIT_AND_FETCH_REQ = ReadWrite | 0x21;
    public const uint UBLK_U_IO_NEED_GET_DATA = ReadWrite | 0x22;
    public const uint UBLK_U_IO_REGISTER_IO_BUF = ReadWrite | 0x23;
    public const uint UBLK_U_IO_UNREGISTER_IO_BUF = ReadWrite | 0x24;
    public const uint UBLK_U_IO_PREP_IO_CMDS = ReadWrite | 0x25;

    /// <summary>Completes with the bytes of its elements that were handled: the rest is to be committed again.</summary>
    public const uint UBLK_U_IO_COMMIT_IO_CMDS = ReadWrite | 0x26;

    /// <summary>Multishot, into provided buffers: a buffer is an array of 16-bit tags.</summary>
    public const uint UBLK_U_IO_FETCH_IO_CMDS = ReadWrite | 0x27;

    public const int UBLK_IO_RES_OK = 0;
    public const int UBLK_IO_RES_NEED_GET_DATA = 1;

    /// <summary>-ENODEV: do not fetch this tag again.</summary>
    public const int UBLK_IO_RES_ABORT = -19;

    public const long UBLKSRV_CMD_BUF_OFFSET = 0;
    public const long UBLKSRV_IO_BUF_OFFSET = 0x8000_0000;
    public const int UBLK_MAX_QUEUE_DEPTH = 4096;
    public const int UBLK_IO_BUF_OFF = 0;
    public const int UBLK_IO_BUF_BITS = 25;
    public const ulong UBLK_IO_BUF_BITS_MASK = (1UL << UBLK_IO_BUF_BITS) - 1;
    public const int UBLK_TAG_OFF = UBLK_IO_BUF_BITS;
    public const int UBLK_TAG_BITS = 16;
    public const ulong UBLK_TAG_BITS_MASK = (1UL << UBLK_TAG_BITS) - 1;
    public const int UBLK_QID_OFF = UBLK_TAG_OFF + UBLK_TAG_BITS;
    public const int UBLK_QID_BITS = 12;
    public const ulong UBLK_QID_BITS_MASK = (1UL << UBLK_QID_BITS) - 1;
    public const int UBLK_MAX_NR_QUEUES = 1 << UBLK_QID_BITS;
    public const int UBLKSRV_IO_BUF_TOTAL_BITS = UBLK_QID_OFF + UBLK_QID_BITS;
    public const ulong UBLKSRV_IO_BUF_TOTAL_SIZE = 1UL << UBLKSRV_IO_BUF_TOTAL_BITS;
    public const int UBLK_INTEGRITY_FLAG_OFF = 62;

    /// <summary>In a file position: the request's metadata instead of its data.</summary>
    public const ulong UBLKSRV_IO_INTEGRITY_FLAG = 1UL << UBLK_INTEGRITY_FLAG_OFF;

    /// <summary>A request whose buffer could not be registered is delivered with NEED_REG_BUF instead of failing.</summary>
    public const byte UBLK_AUTO_BUF_REG_FALLBACK = 1 << 0;

    public const byte UBLK_AUTO_BUF_REG_F_MASK = UBLK_AUTO_BUF_REG_FALLBACK;

    public const ushort UBLK_BATCH_F_HAS_ZONE_LBA = 1 << 0;
    public const ushort UBLK_BATCH_F_HAS_BUF_ADDR = 1 << 1;
    public const ushort UBLK_BATCH_F_AUTO_BUF_REG_FALLBACK = 1 << 2;

    // _IOWR of type 'u' and 16 bytes: struct ublksrv_io_cmd and struct ublk_batch_io have the same size.
    private const uint ReadWrite = 0xc010_7500;

    /// <summary>Where pread and pwrite on /dev/ublkcN find the data of a request.</summary>
    public static long BufferPosition(int queue, int tag, int offset = 0) =>
        UBLKSRV_IO_BUF_OFFSET + (((long)queue << UBLK_QID_OFF) | ((long)tag << UBLK_TAG_OFF) | (uint)offset);
}
