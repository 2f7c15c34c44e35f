namespace LibMultipath.Ublk.Abi;

/// <summary>The control commands, encoded as ioctl numbers; kernels since 6.4 take these.</summary>
internal static class UblkCommand
{
    public const uint UBLK_U_CMD_GET_QUEUE_AFFINITY = Read | 0x01;
    public const uint UBLK_U_CMD_GET_DEV_INFO = Read | 0x02;
    public const uint UBLK_U_CMD_ADD_DEV = ReadWrite | 0x04;
    public const uint UBLK_U_CMD_DEL_DEV = ReadWrite | 0x05;
    public const uint UBLK_U_CMD_START_DEV = ReadWrite | 0x06;
    public const uint UBLK_U_CMD_STOP_DEV = ReadWrite | 0x07;
    public const uint UBLK_U_CMD_SET_PARAMS = ReadWrite | 0x08;
    public const uint UBLK_U_CMD_GET_PARAMS = Read | 0x09;
    public const uint UBLK_U_CMD_START_USER_RECOVERY = ReadWrite | 0x10;
    public const uint UBLK_U_CMD_END_USER_RECOVERY = ReadWrite | 0x11;
    public const uint UBLK_U_CMD_GET_DEV_INFO2 = Read | 0x12;
    public const uint UBLK_U_CMD_GET_FEATURES = Read | 0x13;
    public const uint UBLK_U_CMD_DEL_DEV_ASYNC = Read | 0x14;
    public const uint UBLK_U_CMD_UPDATE_SIZE = ReadWrite | 0x15;
    public const uint UBLK_U_CMD_QUIESCE_DEV = ReadWrite | 0x16;
    public const uint UBLK_U_CMD_TRY_STOP_DEV = ReadWrite | 0x17;
    public const uint UBLK_U_CMD_REG_BUF = ReadWrite | 0x18;
    public const uint UBLK_U_CMD_UNREG_BUF = ReadWrite | 0x19;

    /// <summary>Bytes that GET_FEATURES writes, and wants to be told exactly.</summary>
    public const int UBLK_FEATURES_LEN = 8;

    // _IOR and _IOWR of type 'u' and the size of struct ublksrv_ctrl_cmd.
    private const uint Read = 0x8020_7500;
    private const uint ReadWrite = 0xc020_7500;

    /// <summary>The command as the kernel's header names it, without its prefix.</summary>
    public static string Name(uint command) => command switch
    {
        UBLK_U_CMD_GET_QUEUE_AFFINITY => "GET_QUEUE_AFFINITY",
        UBLK_U_CMD_GET_DEV_INFO => "GET_DEV_INFO",
        UBLK_U_CMD_ADD_DEV => "ADD_DEV",
        UBLK_U_CMD_DEL_DEV => "DEL_DEV",
        UBLK_U_CMD_START_DEV => "START_DEV",
        UBLK_U_CMD_STOP_DEV => "STOP_DEV",
        UBLK_U_CMD_SET_PARAMS => "SET_PARAMS",
        UBLK_U_CMD_GET_PARAMS => "GET_PARAMS",
        UBLK_U_CMD_START_USER_RECOVERY => "START_USER_RECOVERY",
        UBLK_U_CMD_END_USER_RECOVERY => "END_USER_RECOVERY",
        UBLK_U_CMD_GET_DEV_INFO2 => "GET_DEV_INFO2",
        UBLK_U_CMD_GET_FEATURES => "GET_FEATURES",
        UBLK_U_CMD_DEL_DEV_ASYNC => "DEL_DEV_ASYNC",
        UBLK_U_CMD_UPDATE_SIZE => "UPDATE_SIZE",
        UBLK_U_CMD_QUIESCE_DEV => "QUIESCE_DEV",
        UBLK_U_CMD_TRY_STOP_DEV => "TRY_STOP_DEV",
        UBLK_U_CMD_REG_BUF => "REG_BUF",
        UBLK_U_CMD_UNREG_BUF => "UNREG_BUF",
        _ => $"command 0x{command:x}",
    };
}
