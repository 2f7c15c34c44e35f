using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Parameters;

namespace LibMultipath.Ublk.Tests.Parameters;

/// <summary>Options of devices by a seed: about half of them right, and the others mostly wrong in one or two places.</summary>
internal sealed class RandomParameters
{
    private readonly Random _random;
    private readonly double _daring;

    public RandomParameters(int seed)
    {
        _random = new Random(seed);
        _daring = _random.Next(3) switch { 0 => 0, 1 => 0.05, _ => 0.2 };
    }

    public UblkDeviceOptions Options()
    {
        UblkFeatures features = Features();
        return new UblkDeviceOptions
        {
            MaxIoBytes = Pick([1 << 20, 4096, 65536, 1 << 25], [0, 512, 5000]),
            Features = features,
            Parameters = Parameters(features),
        };
    }

    private UblkFeatures Features()
    {
        UblkFeatures features = 0;
        bool integrity = Sometimes(0.2), zoned = Sometimes(0.2);
        features |= integrity ? UblkFeatures.Integrity | UblkFeatures.UserCopy : 0;
        features |= zoned ? UblkFeatures.Zoned | (Sometimes(0.5) ? UblkFeatures.UserCopy : UblkFeatures.ZeroCopy) : 0;
        features |= Sometimes(0.3) ? UblkFeatures.UserRecovery : 0;
        return features;
    }

    private UblkParameters Parameters(UblkFeatures features)
    {
        bool zoned = (features & UblkFeatures.Zoned) != 0 ^ Wrong();
        bool integrity = (features & UblkFeatures.Integrity) != 0 ^ Wrong();
        int logical = Pick([512, 1024, 4096], [1, 2, 256, 8192]);
        int physical = Pick([4096, 8192, 1 << 28], [512, 1 << 29]);
        int chunk = zoned ? Pick([8192, 65536], [0, 3000]) : Pick([0, 128, 3000], []);
        return new UblkParameters
        {
            LogicalBlockSize = logical,
            PhysicalBlockSize = physical,
            IoMin = Pick([0, 512, 4096, 1 << 28], [1 << 29]),
            IoOpt = Pick([0, 65536, 1 << 28], [1 << 29]),
            DevSectors = zoned ? chunk * 16L + (Wrong() ? 8 : 0) : Pick([0, 8, 2048, 1 << 30], []),
            MaxSectors = Pick([8], [0, 1, 7, 9, 128, 2048, 2049, 65536]),
            ChunkSectors = chunk,
            VirtBoundaryMask = Pick([0, 4095], []),
            Attributes = (UblkAttributes)_random.Next(16),
            Discard = Sometimes(0.5) ? Discard() : null,
            Zoned = zoned ? new UblkZoned { MaxOpenZones = Pick([0, 4], [5, 17]), MaxActiveZones = Pick([0, 4, 16], [1, 17]), MaxAppendSectors = Pick([8, 128], [0]) } : null,
            DmaAlignment = Sometimes(0.5) ? Pick([0, 3, 511, 2047], [2, 4095, 4096, 8191]) : null,
            Segment = Sometimes(0.5) ? Segment() : null,
            Integrity = integrity ? Integrity(logical) : null,
        };
    }

    private UblkDiscard Discard() => new()
    {
        Alignment = Pick([0, 4096], []),
        Granularity = Pick([512, 4096], [0]),
        MaxSectors = Pick([0, 2048, int.MaxValue], []),
        MaxWriteZeroesSectors = Pick([0, 2048], []),
        MaxSegments = Pick([1], [0, 2, 65535]),
    };

    private UblkSegment Segment() => new()
    {
        BoundaryMask = Wrong() ? new[] { 0L, 4094, 2047 }[_random.Next(3)] : new[] { 4095L, 65535, uint.MaxValue, UblkSegment.NoBoundary }[_random.Next(4)],
        MaxSize = Wrong() ? 4095 : new[] { 4096L, 65536, uint.MaxValue }[_random.Next(3)],
        MaxSegments = Pick([1, 128, 65535], [0]),
    };

    private UblkIntegrity Integrity(int logical) => new()
    {
        Flags = Wrong() ? (UblkIntegrityFlags)4 : (UblkIntegrityFlags)_random.Next(2),
        MaxSegments = Pick([0, 1, 65535], []),
        IntervalBytes = Pick([512, logical], [0, 256, 8192]),
        MetadataSize = Pick([16, 64, 255], [0, 8]),
        TupleOffset = Pick([0], [8, 9, 56, 250]),
        Checksum = Wrong() ? (UblkChecksum)3 : new[] { UblkChecksum.None, UblkChecksum.Ip, UblkChecksum.Crc16T10Dif, UblkChecksum.Crc64Nvme }[_random.Next(4)],
        TagSize = Pick([0, 2], []),
    };

    private int Pick(int[] right, int[] wrong) => wrong.Length != 0 && Wrong() ? wrong[_random.Next(wrong.Length)] : right[_random.Next(right.Length)];

    private bool Wrong() => Sometimes(_daring);

    private bool Sometimes(double chance) => _random.NextDouble() < chance;
}
