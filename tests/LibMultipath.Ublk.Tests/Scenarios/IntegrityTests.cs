using LibMultipath.Block;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Parameters;
using LibMultipath.Ublk.Tests.Scenarios.Kit;

namespace LibMultipath.Ublk.Tests.Scenarios;

/// <summary>Metadata beside the data: the target keeps it, and the kernel sees by it that data is not what was written.</summary>
public sealed class IntegrityTests
{
    private const UblkFeatures Features = UblkFeatures.UserCopy | UblkFeatures.Integrity;
    private const int Bytes = 1 << 20;

    [UblkTheory]
    [InlineData(UblkChecksum.Ip, UblkIntegrityFlags.Integrity, 64, 56, "T10-DIF-TYPE3-IP")]
    [InlineData(UblkChecksum.Crc16T10Dif, UblkIntegrityFlags.ReferenceTag, 8, 0, "T10-DIF-TYPE1-CRC")]
    [InlineData(UblkChecksum.Crc64Nvme, UblkIntegrityFlags.Integrity | UblkIntegrityFlags.ReferenceTag, 64, 48, "EXT-DIF-TYPE1-CRC64")]
    public void U23_The_kernel_finds_data_and_metadata_that_went_bad(UblkChecksum checksum, UblkIntegrityFlags flags, int size, int offset, string format)
    {
        var integrity = new UblkIntegrity { Checksum = checksum, Flags = flags, MetadataSize = size, TupleOffset = offset };
        var target = new IntegrityTarget(Bytes, integrity);
        using UblkRig rig = Start(target, integrity);
        Assert.Equal(format, rig.Sysfs("integrity/format"));
        Assert.Equal((flags & UblkIntegrityFlags.Integrity) != 0 ? "1" : "0", rig.Sysfs("integrity/device_is_integrity_capable"));
        Assert.Equal("512", rig.Sysfs("integrity/protection_interval_bytes"));
        using var disk = new DirectFile(rig.Disk);
        byte[] written = Fill(disk, 65536);

        Assert.Equal(Errno.None, disk.Write(65536, 4096));

        Assert.Equal(written, target.Data.AsSpan(4096, 65536));
        Assert.False(target.MetadataOf(8).SequenceEqual(target.MetadataOf(9)));
        Assert.Equal(written, disk.Bytes(65536, 4096));
        Bad(disk, ref target.Data[(20 * 512) + 7], 20);
        Bad(disk, ref target.MetadataOf(30)[offset], 30);
        if ((flags & UblkIntegrityFlags.ReferenceTag) != 0)
        {
            // The reference tag ends the tuple.
            Bad(disk, ref target.MetadataOf(40)[offset + integrity.TupleSize - 1], 40);
        }

        Assert.Equal(written, disk.Bytes(65536, 4096));
        Shell.Run($"fio --name=whole --filename={rig.Disk} --rw=randwrite --bsrange=512-64k --size=1m --ioengine=libaio --iodepth=16 --direct=1 --verify=crc32c --do_verify=1 --verify_fatal=1");
    }

    [UblkFact]
    public unsafe void U23_Metadata_without_a_checksum_is_the_users_own()
    {
        var integrity = new UblkIntegrity { Checksum = UblkChecksum.None, MetadataSize = 24 };
        var target = new IntegrityTarget(Bytes, integrity);
        using UblkRig rig = Start(target, integrity);
        Assert.Equal("nop", rig.Sysfs("integrity/format"));
        using var disk = new DirectFile(rig.Disk);
        byte[] written = Fill(disk, 4096);
        byte[] metadata = new byte[integrity.MetadataBytesOf(4096)];
        new Random(3).NextBytes(metadata);

        Assert.Equal(4096, MetadataIo.Run(disk.Handle, write: true, disk.Memory, 4096, 8192, metadata));

        Assert.Equal(written, target.Data.AsSpan(8192, 4096));
        Assert.Equal(metadata, target.Metadata.AsSpan(16 * 24, metadata.Length));
        byte[] read = new byte[metadata.Length];
        new Span<byte>(disk.Memory, 4096).Clear();
        target.Metadata[16 * 24] ^= 1;
        metadata[0] ^= 1;
        Assert.Equal(4096, MetadataIo.Run(disk.Handle, write: false, disk.Memory, 4096, 8192, read));
        Assert.Equal(metadata, read);
        Assert.Equal(written, new Span<byte>(disk.Memory, 4096));

        // Nobody says what it stands for, and so nobody checks it.
        target.Data[8192] ^= 1;
        Assert.Equal(Errno.None, disk.Read(disk.Memory, 4096, 8192));
    }

    private static UblkRig Start(IntegrityTarget target, UblkIntegrity integrity) =>
        UblkRig.Start(Features, _ => target, asked => asked with { Integrity = integrity, Discard = null }, megabytes: Bytes >> 20);

    private static unsafe byte[] Fill(DirectFile disk, int length)
    {
        var memory = new Span<byte>(disk.Memory, length);
        new Random(1).NextBytes(memory);
        return memory.ToArray();
    }

    // It is bad as long as it is wrong, and so is every request that it is a part of, but nothing else.
    private static unsafe void Bad(DirectFile disk, ref byte what, int block)
    {
        what ^= 0x40;
        Assert.Equal(Errno.EILSEQ, disk.Read(disk.Memory, 512, block * 512));
        Assert.Equal(Errno.EILSEQ, disk.Read(disk.Memory, 4096, (block - 2) * 512));
        Assert.Equal(Errno.None, disk.Read(disk.Memory, 512, (block + 1) * 512));
        what ^= 0x40;
        Assert.Equal(Errno.None, disk.Read(disk.Memory, 512, block * 512));
    }
}
