using LibMultipath.Block;
using LibMultipath.IoUring;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Tests.Scenarios.Kit;

namespace LibMultipath.Ublk.Tests.Scenarios;

/// <summary>A client and the server share memory: what the client has there is not copied.</summary>
public sealed unsafe class SharedMemoryTests
{
    private const int Length = 1 << 20;

    [UblkTheory]
    [InlineData(UblkFeatures.None)]
    [InlineData(UblkFeatures.UserCopy)]
    [InlineData(UblkFeatures.BatchIo)]
    public void U26_Requests_in_shared_memory_are_not_copied_and_others_are(UblkFeatures features)
    {
        var target = new MemoryDisk(4 * Length);
        using UblkRig rig = Start(features, target);
        byte[] content = Content(1);
        using var shared = new SharedFile(content);
        using MappedMemory server = shared.Map();
        using MappedMemory client = shared.Map();
        int index = rig.Device.RegisterMemory(server);
        using var disk = new DirectFile(rig.Disk);
        int copied = target.Copied;

        Assert.Equal(Errno.None, disk.Write(client.Address + 4096, 65536, 0));
        Assert.Equal(content.AsSpan(4096, 65536), target.Data.AsSpan(0, 65536));
        target.Data.AsSpan(0, 65536).Reverse();
        Assert.Equal(Errno.None, disk.Read(client.Address + 524288, 65536, 0));
        Assert.Equal(target.Data.AsSpan(0, 65536), new Span<byte>(client.Address + 524288, 65536));
        Assert.True(target.Shared >= 2);
        Assert.Equal(copied, target.Copied);

        // The client's own memory, on the same disk.
        int before = target.Shared;
        new Random(4).NextBytes(new Span<byte>(disk.Memory, 65536));
        Assert.Equal(Errno.None, disk.Write(65536, Length));
        Assert.Equal(new Span<byte>(disk.Memory, 65536), target.Data.AsSpan(Length, 65536));
        Assert.Equal(before, target.Shared);

        // And the shared memory once it is no longer registered.
        rig.Device.UnregisterMemory(index);
        Assert.Equal(Errno.None, disk.Read(client.Address, 65536, Length));
        Assert.Equal(target.Data.AsSpan(Length, 65536), new Span<byte>(client.Address, 65536));
        Assert.Equal(before, target.Shared);
        UblkException thrown = Assert.Throws<UblkException>(() => rig.Device.UnregisterMemory(index));
        Assert.Equal(UblkErrorKind.NotFound, thrown.Kind);
    }

    [UblkFact]
    public void U26_Several_buffers_keep_their_numbers()
    {
        var target = new MemoryDisk(4 * Length);
        using UblkRig rig = Start(UblkFeatures.None, target);
        using var first = new SharedFile(Content(1));
        using var second = new SharedFile(Content(2));
        using MappedMemory one = first.Map();
        using MappedMemory two = second.Map();
        int a = rig.Device.RegisterMemory(one);
        int b = rig.Device.RegisterMemory(two);
        Assert.NotEqual(a, b);
        UblkException thrown = Assert.Throws<UblkException>(() => rig.Device.RegisterMemory(two));
        Assert.Equal(UblkErrorKind.Busy, thrown.Kind);
        rig.Device.UnregisterMemory(a);
        using var disk = new DirectFile(rig.Disk);

        Assert.Equal(Errno.None, disk.Write(two.Address, 8192, 0));
        Assert.Equal(a, rig.Device.RegisterMemory(one));
        Assert.Equal(Errno.None, disk.Write(one.Address, 8192, 8192));

        Assert.Equal(Content(2).AsSpan(0, 8192), target.Data.AsSpan(0, 8192));
        Assert.Equal(Content(1).AsSpan(0, 8192), target.Data.AsSpan(8192, 8192));
        Assert.Equal(2, target.Shared);
    }

    [UblkFact]
    public void U26_Sealed_memory_is_registered_for_reading_alone()
    {
        var target = new MemoryDisk(4 * Length);
        using UblkRig rig = Start(UblkFeatures.None, target);
        using var file = new SharedFile(Content(5));
        file.Seal();
        using MappedMemory memory = file.Map(writable: false);
        UblkException thrown = Assert.Throws<UblkException>(() => rig.Device.RegisterMemory(memory));
        Assert.Equal(Errno.EFAULT, thrown.Errno);
        rig.Device.RegisterMemory(memory, readOnly: true);
        using var disk = new DirectFile(rig.Disk);

        Assert.Equal(Errno.None, disk.Write(memory.Address, 65536, 0));

        Assert.Equal(Content(5).AsSpan(0, 65536), target.Data.AsSpan(0, 65536));
        Assert.True(target.Shared > 0);
    }

    [UblkFact]
    public void U26_Reads_into_memory_that_is_registered_for_reading_alone_are_copied()
    {
        var target = new MemoryDisk(4 * Length);
        using UblkRig rig = Start(UblkFeatures.None, target);
        using var file = new SharedFile(Content(6));
        using MappedMemory memory = file.Map();
        rig.Device.RegisterMemory(memory, readOnly: true);
        using var disk = new DirectFile(rig.Disk);
        new Random(7).NextBytes(target.Data);

        Assert.Equal(Errno.None, disk.Read(memory.Address, 65536, 0));

        Assert.Equal(target.Data.AsSpan(0, 65536), new Span<byte>(memory.Address, 65536));
        Assert.Equal(0, target.Shared);
    }

    [UblkFact]
    public void U26_A_request_in_memory_that_the_server_does_not_have_fails()
    {
        var target = new MemoryDisk(4 * Length);
        using UblkRig rig = Start(UblkFeatures.None, target);
        using var file = new SharedFile(Content(8));
        using MappedMemory memory = file.Map();
        using var disk = new DirectFile(rig.Disk);

        // By the command alone, as another process would.
        int index = rig.Control.RegisterBuffer(rig.Device.Id, (nint)memory.Address, (long)memory.Length);
        Assert.Equal(Errno.EIO, disk.Write(memory.Address, 4096, 0));
        rig.Control.UnregisterBuffer(rig.Device.Id, index);
        Assert.Equal(Errno.None, disk.Write(memory.Address, 4096, 0));
    }

    [UblkFact]
    public void U26_A_device_without_the_feature_says_so()
    {
        using UblkRig rig = UblkRig.Start(megabytes: 8);
        using var file = new SharedFile(Content(9));
        using MappedMemory memory = file.Map();

        UblkException thrown = Assert.Throws<UblkException>(() => rig.Device.RegisterMemory(memory));

        Assert.Equal(UblkErrorKind.NotSupported, thrown.Kind);
    }

    private static UblkRig Start(UblkFeatures features, MemoryDisk target) => UblkRig.Start(
        features | UblkFeatures.SharedMemoryZeroCopy | UblkFeatures.NoPartitionScan, _ => target, asked => asked with { Discard = null }, megabytes: target.Data.Length >> 20);

    private static byte[] Content(int seed)
    {
        byte[] content = new byte[Length];
        new Random(seed).NextBytes(content);
        return content;
    }
}
