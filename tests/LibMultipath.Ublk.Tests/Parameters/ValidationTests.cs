using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Parameters;

namespace LibMultipath.Ublk.Tests.Parameters;

/// <summary>U09 without a kernel: every rule on its own, with a message that names the value and the fix.</summary>
public class ValidationTests
{
    private static readonly UblkParameters s_plain = new() { DevSectors = 1 << 16 };
    private static readonly UblkDeviceOptions s_options = new() { Parameters = s_plain };
    private static readonly UblkZoned s_zones = new() { MaxAppendSectors = 128, MaxActiveZones = 4, MaxOpenZones = 4 };
    private static readonly UblkDeviceOptions s_zoned = s_options with
    {
        Features = UblkFeatures.Zoned | UblkFeatures.UserCopy,
        Parameters = s_plain with { ChunkSectors = 8192, Zoned = s_zones },
    };

    private static readonly UblkDeviceOptions s_integrity = s_options with
    {
        Features = UblkFeatures.Integrity | UblkFeatures.UserCopy,
        Parameters = s_plain with { Integrity = new UblkIntegrity { Checksum = UblkChecksum.Crc16T10Dif } },
    };

    public static TheoryData<string, UblkDeviceOptions> Wrong => new()
    {
        { "Id is -2", s_options with { Id = -2 } },
        { "Id is 1048576", s_options with { Id = 1 << 20 } },
        { "Queues is 0", s_options with { Queues = 0 } },
        { "Queues is 4097", s_options with { Queues = 4097 } },
        { "QueueDepth is 0", s_options with { QueueDepth = 0 } },
        { "QueueDepth is 4097", s_options with { QueueDepth = 4097 } },
        { "MaxIoBytes is 33554433", s_options with { MaxIoBytes = (32 << 20) + 1 } },
        { "Features has bit 20", s_options with { Features = (UblkFeatures)(1 << 20) } },
        { "USER_RECOVERY_REISSUE needs USER_RECOVERY", s_options with { Features = UblkFeatures.UserRecoveryReissue } },
        { "USER_RECOVERY_FAIL_IO needs USER_RECOVERY", s_options with { Features = UblkFeatures.UserRecoveryFailIo } },
        { "exclude each other", s_options with { Features = UblkFeatures.UserRecovery | UblkFeatures.UserRecoveryReissue | UblkFeatures.UserRecoveryFailIo } },
        { "QUIESCE needs USER_RECOVERY", s_options with { Features = UblkFeatures.Quiesce } },
        { "UNPRIVILEGED_DEV excludes USER_COPY", s_options with { Features = UblkFeatures.UnprivilegedDevice | UblkFeatures.UserCopy } },
        { "UNPRIVILEGED_DEV excludes SUPPORT_ZERO_COPY", s_options with { Features = UblkFeatures.UnprivilegedDevice | UblkFeatures.ZeroCopy } },
        { "UNPRIVILEGED_DEV excludes AUTO_BUF_REG", s_options with { Features = UblkFeatures.UnprivilegedDevice | UblkFeatures.AutoBufferRegistration } },
        { "Parameters is missing", s_options with { Parameters = null! } },

        { "LogicalBlockSize is 256", With(s_plain with { LogicalBlockSize = 256 }) },
        { "LogicalBlockSize is 8192", With(s_plain with { LogicalBlockSize = 8192, PhysicalBlockSize = 8192 }) },
        { "LogicalBlockSize is 1000", With(s_plain with { LogicalBlockSize = 1000 }) },
        { "PhysicalBlockSize is 536870912", With(s_plain with { PhysicalBlockSize = 1 << 29 }) },
        { "LogicalBlockSize 4096 is above PhysicalBlockSize 512", With(s_plain with { LogicalBlockSize = 4096, PhysicalBlockSize = 512 }) },
        { "IoMin is 536870912", With(s_plain with { IoMin = 1 << 29 }) },
        { "IoMin is 1;", With(s_plain with { IoMin = 1 }) },
        { "IoOpt is 536870912", With(s_plain with { IoOpt = 1 << 29 }) },
        { "MaxSectors is 7", With(s_plain with { MaxSectors = 7 }) },
        { "MaxSectors is 2049", With(s_plain with { MaxSectors = 2049 }) },
        { "make it at most 8,", s_options with { MaxIoBytes = 4096 + 512, Parameters = s_plain with { MaxSectors = 9 } } },
        { "DevSectors is -1", With(s_plain with { DevSectors = -1 }) },
        { "DevSectors is 9223372036854775807", With(s_plain with { DevSectors = long.MaxValue }) },
        { "ChunkSectors is -1", With(s_plain with { ChunkSectors = -1 }) },
        { "VirtBoundaryMask is -1", With(s_plain with { VirtBoundaryMask = -1 }) },
        { "Discard.Granularity is 0", With(s_plain with { Discard = new UblkDiscard { MaxWriteZeroesSectors = 8, Granularity = 0 } }) },
        { "Discard.MaxSegments is 2", With(s_plain with { Discard = new UblkDiscard { MaxSectors = 8, MaxSegments = 2 } }) },
        { "Discard.MaxSegments is 0", With(s_plain with { Discard = new UblkDiscard { MaxSectors = 8, MaxSegments = 0 } }) },
        { "negative", With(s_plain with { Discard = new UblkDiscard { MaxSectors = 8, Alignment = -1 } }) },
        { "DmaAlignment is 8191", With(s_plain with { DmaAlignment = 8191 }) },
        { "DmaAlignment is 2;", With(s_plain with { DmaAlignment = 2 }) },
        { "DmaAlignment is -1", With(s_plain with { DmaAlignment = -1 }) },
        { "Segment.BoundaryMask is 0x7ff", With(s_plain with { Segment = new UblkSegment { BoundaryMask = 2047 } }) },
        { "Segment.BoundaryMask is 0x2000", With(s_plain with { Segment = new UblkSegment { BoundaryMask = 8192 } }) },
        { "Segment.BoundaryMask is 0xffffffffffffffff", With(s_plain with { Segment = new UblkSegment { BoundaryMask = -1 } }) },
        { "Segment.MaxSize is 4095", With(s_plain with { Segment = new UblkSegment { MaxSize = 4095 } }) },
        { "Segment.MaxSegments is 0", With(s_plain with { Segment = new UblkSegment { MaxSegments = 0 } }) },

        { "ZONED needs USER_COPY or SUPPORT_ZERO_COPY", s_zoned with { Features = UblkFeatures.Zoned | UblkFeatures.AutoBufferRegistration } },
        { "ZONED needs the zoned parameters", s_zoned with { Parameters = s_zoned.Parameters with { Zoned = null } } },
        { "need the feature ZONED", s_zoned with { Features = 0 } },
        { "ChunkSectors is 3000", s_zoned with { Parameters = s_zoned.Parameters with { ChunkSectors = 3000 } } },
        { "ChunkSectors is 0", s_zoned with { Parameters = s_zoned.Parameters with { ChunkSectors = 0 } } },
        { "not a positive multiple of the zone", s_zoned with { Parameters = s_zoned.Parameters with { DevSectors = (1 << 16) + 8 } } },
        { "MaxAppendSectors is 0", s_zoned with { Parameters = s_zoned.Parameters with { Zoned = s_zones with { MaxAppendSectors = 0 } } } },
        { "MaxActiveZones is 9", s_zoned with { Parameters = s_zoned.Parameters with { Zoned = s_zones with { MaxActiveZones = 9 } } } },
        { "MaxOpenZones is 9", s_zoned with { Parameters = s_zoned.Parameters with { Zoned = s_zones with { MaxActiveZones = 0, MaxOpenZones = 9 } } } },
        { "MaxOpenZones 5 is above MaxActiveZones 4", s_zoned with { Parameters = s_zoned.Parameters with { Zoned = s_zones with { MaxOpenZones = 5 } } } },

        { "INTEGRITY needs USER_COPY", s_integrity with { Features = UblkFeatures.Integrity } },
        { "need the feature INTEGRITY", s_integrity with { Features = 0 } },
        { "Integrity.Flags is 0x4", Integrity(s => s with { Flags = (UblkIntegrityFlags)4 }) },
        { "Integrity.Checksum is 3", Integrity(s => s with { Checksum = (UblkChecksum)3 }) },
        { "Integrity.MetadataSize is 0", Integrity(s => s with { MetadataSize = 0, Checksum = UblkChecksum.None }) },
        { "reference tag but no checksum", Integrity(s => s with { Checksum = UblkChecksum.None, Flags = UblkIntegrityFlags.ReferenceTag }) },
        { "exceed MetadataSize 8", Integrity(s => s with { Checksum = UblkChecksum.Crc64Nvme }) },
        { "exceed MetadataSize 16", Integrity(s => s with { MetadataSize = 16, TupleOffset = 9 }) },
        { "Integrity.IntervalBytes is 256", Integrity(s => s with { IntervalBytes = 256 }) },
        { "Integrity.IntervalBytes is 1024", Integrity(s => s with { IntervalBytes = 1024 }) },
        { "Integrity.MaxSegments is 65536", Integrity(s => s with { MaxSegments = 65536 }) },
        { "Integrity.TagSize is 256", Integrity(s => s with { TagSize = 256 }) },
    };

    public static TheoryData<string, UblkDeviceOptions> Odd => new()
    {
        { "FUA without VolatileCache", With(s_plain with { Attributes = UblkAttributes.Fua }) },
        { "attributes 0x10 are unknown", With(s_plain with { Attributes = (UblkAttributes)16 }) },
        { "IoMin 512 is below PhysicalBlockSize", With(s_plain with { IoMin = 512 }) },
        { "IoOpt 2048 is below PhysicalBlockSize", With(s_plain with { IoOpt = 2048 }) },
        { "last 1 sectors cannot be used", With(s_plain with { LogicalBlockSize = 4096, DevSectors = 17 }) },
        { "MaxSectors 17 is not a multiple", With(s_plain with { LogicalBlockSize = 4096, MaxSectors = 17 }) },
        { "VirtBoundaryMask 0x1001", With(s_plain with { VirtBoundaryMask = 0x1001 }) },
        { "neither discards nor write zeroes", With(s_plain with { Discard = new UblkDiscard() }) },
        { "Granularity 512 is below PhysicalBlockSize", With(s_plain with { Discard = new UblkDiscard { MaxSectors = 8, Granularity = 512 } }) },
        { "DmaAlignment 0 means", With(s_plain with { DmaAlignment = 0 }) },
        { "do not go together", With(s_plain with { VirtBoundaryMask = 4095, Segment = new UblkSegment { MaxSize = 65536 } }) },
        { "INTEGRITY without integrity parameters", s_integrity with { Parameters = s_plain } },
        { "MaxIoBytes 1048577 is not a multiple", s_options with { MaxIoBytes = (1 << 20) + 1 } },
        { "UNPRIVILEGED_DEV has no recovery", s_options with { Features = UblkFeatures.UnprivilegedDevice | UblkFeatures.UserRecovery } },
        { "NEED_GET_DATA is dropped by the kernel: with USER_COPY", s_options with { Features = UblkFeatures.GetData | UblkFeatures.UserCopy } },
        { "NEED_GET_DATA is dropped by the kernel: BATCH_IO", s_options with { Features = UblkFeatures.GetData | UblkFeatures.BatchIo } },
        { "PER_IO_DAEMON is dropped", s_options with { Features = UblkFeatures.PerIoDaemon | UblkFeatures.BatchIo } },
    };

    [Fact]
    public void Plain_options_are_right_and_without_a_word()
    {
        foreach (UblkDeviceOptions options in new[] { s_options, s_zoned, s_integrity })
        {
            UblkValidation validation = options.Check(4096);
            Assert.Empty(validation.Errors);
            Assert.Empty(validation.Warnings);
        }
    }

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public void What_is_wrong_is_told_in_words(string words, UblkDeviceOptions options)
    {
        UblkValidation validation = options.Check(4096);
        Assert.Contains(validation.Errors, error => error.Contains(words, StringComparison.Ordinal));
        Assert.All(validation.Errors, error => Assert.EndsWith(".", error));
        ArgumentException thrown = Assert.Throws<ArgumentException>(() => validation.ThrowIfInvalid("The options are wrong"));
        Assert.Contains(words, thrown.Message);
    }

    [Theory]
    [MemberData(nameof(Odd), DisableDiscoveryEnumeration = true)]
    public void What_the_kernel_ignores_is_a_warning(string words, UblkDeviceOptions options)
    {
        UblkValidation validation = options.Check(4096);
        Assert.Empty(validation.Errors);
        Assert.Contains(words, Assert.Single(validation.Warnings));
    }

    [Fact]
    public void All_errors_are_told_at_once() =>
        Assert.Equal(3, (s_options with { Queues = 0, QueueDepth = 0, Parameters = s_plain with { MaxSectors = 0 } }).Check(4096).Errors.Count);

    private static UblkDeviceOptions With(UblkParameters parameters) => s_options with { Parameters = parameters };

    private static UblkDeviceOptions Integrity(Func<UblkIntegrity, UblkIntegrity> change) =>
        s_integrity with { Parameters = s_plain with { Integrity = change(s_integrity.Parameters.Integrity!) } };
}
