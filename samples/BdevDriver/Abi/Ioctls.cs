namespace BdevDriver.Abi;

/// <summary>The ioctls that the driver knows, under their names in the kernel's headers.</summary>
internal static class Ioctls
{
    public const uint HDIO_GETGEO = 0x301;

    public const uint BLKROSET = 0x125d;
    public const uint BLKROGET = 0x125e;
    public const uint BLKRRPART = 0x125f;
    public const uint BLKGETSIZE = 0x1260;
    public const uint BLKFLSBUF = 0x1261;
    public const uint BLKRASET = 0x1262;
    public const uint BLKRAGET = 0x1263;
    public const uint BLKFRASET = 0x1264;
    public const uint BLKFRAGET = 0x1265;
    public const uint BLKSECTGET = 0x1267;
    public const uint BLKSSZGET = 0x1268;
    public const uint BLKPG = 0x1269;
    public const uint BLKBSZGET = 0x8008_1270;
    public const uint BLKBSZSET = 0x4008_1271;
    public const uint BLKGETSIZE64 = 0x8008_1272;
    public const uint BLKDISCARD = 0x1277;
    public const uint BLKIOMIN = 0x1278;
    public const uint BLKIOOPT = 0x1279;
    public const uint BLKALIGNOFF = 0x127a;
    public const uint BLKPBSZGET = 0x127b;
    public const uint BLKDISCARDZEROES = 0x127c;
    public const uint BLKSECDISCARD = 0x127d;
    public const uint BLKROTATIONAL = 0x127e;
    public const uint BLKZEROOUT = 0x127f;
    public const uint BLKGETDISKSEQ = 0x8008_1280;

    public const uint SG_GET_VERSION_NUM = 0x2282;
    public const uint SG_IO = 0x2285;
    public const uint SCSI_IOCTL_GET_IDLUN = 0x5382;
    public const uint SCSI_IOCTL_GET_BUS_NUMBER = 0x5386;
    public const uint NVME_IOCTL_ID = 0x4e40;

    public const uint IOC_PR_REGISTER = 0x4018_70c8;
    public const uint IOC_PR_RESERVE = 0x4010_70c9;
    public const uint IOC_PR_RELEASE = 0x4010_70ca;
    public const uint IOC_PR_PREEMPT = 0x4018_70cb;
    public const uint IOC_PR_PREEMPT_ABORT = 0x4018_70cc;
    public const uint IOC_PR_CLEAR = 0x4010_70cd;
    public const uint IOC_PR_READ_KEYS = 0xc010_70ce;
    public const uint IOC_PR_READ_RESERVATION = 0x8010_70cf;

    public const uint PR_FL_IGNORE_KEY = 1;

    /// <summary>The command of a ring that discards; no ioctl.</summary>
    public const uint BLOCK_URING_CMD_DISCARD = 0x1200;
}
