using System.Runtime.InteropServices;
using LibMultipath.Block;
using LibMultipath.RingBuffer.Interop;
using LibMultipath.RingBuffer.Tests.Kit;
using Microsoft.Win32.SafeHandles;

namespace LibMultipath.RingBuffer.Tests.Scenarios;

/// <summary>Scenario: mappings and their protections.</summary>
public sealed partial class MappingTests
{
    [Fact]
    public void A_producer_maps_the_consumers_page_to_read_and_not_to_write()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingDescriptors descriptors = ring.DescriptorsForProducer();

        Assert.Equal(Errno.None, TryMap(descriptors.ConsumerPage, Libc.Read));
        Assert.Equal(Errno.EACCES, TryMap(descriptors.ConsumerPage, Libc.ReadWrite));
        Assert.Equal(Errno.None, TryMap(descriptors.Data, Libc.ReadWrite));
    }

    [Fact]
    public void A_mapping_to_read_cannot_be_made_one_to_write()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingDescriptors descriptors = ring.DescriptorsForProducer();
        nint page = Libc.Map(0, (nuint)Rings.Page, Libc.Read, Libc.Shared, descriptors.ConsumerPage, 0);

        Assert.Equal(-1, Protect(page, (nuint)Rings.Page, Libc.ReadWrite));
        Assert.Equal(Errno.EACCES, Libc.LastError);

        Libc.Unmap(page, (nuint)Rings.Page);
    }

    [Fact]
    public void What_a_producer_has_mapped_is_readable_there_and_writable_here()
    {
        string[] none = Mappings();
        using UserRingBuffer ring = Rings.Make(2 * Rings.Page);
        string[] consumer = Mappings();
        using UserRingDescriptors descriptors = ring.DescriptorsForProducer();
        using UserRingProducer producer = UserRingProducer.Open(descriptors);

        // The consumer's page; the producer's page with the data; the data once more.
        Assert.Equal(["rw-s", "rw-s", "rw-s"], ProtectionsOf(consumer.Except(none)));
        Assert.Equal(["r--s", "rw-s", "rw-s"], ProtectionsOf(Mappings().Except(consumer)));
    }

    [Fact]
    public void The_data_is_mapped_twice_in_a_row()
    {
        using UserRingBuffer ring = Rings.Make(2 * Rings.Page);
        using var raw = new RawRing(ring);
        var data = DataOf(raw);

        for (int i = 0; i < ring.Size; i += 509)
        {
            data[i] = (byte)i;
            Assert.Equal((byte)i, data[ring.Size + i]);
            data[ring.Size + i]++;
            Assert.Equal((byte)(i + 1), data[i]);
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(4096, 1)]
    [InlineData(4097, 2)]
    [InlineData(3 * 4096, 4)]
    [InlineData(1 << 20, 256)]
    public void The_size_is_rounded_up_to_a_power_of_two_of_pages(int size, int pagesOf4096)
    {
        using UserRingBuffer ring = Rings.Make(size);

        Assert.Equal(Math.Max(pagesOf4096 * 4096, Rings.Page), ring.Size);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(UserRingBuffer.MaxSize + 1)]
    public void A_size_that_cannot_be_is_refused(int size) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Rings.Make(size));

    [Fact]
    public void The_memory_can_neither_shrink_nor_grow()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingDescriptors descriptors = ring.DescriptorsForConsumer();

        foreach (SafeFileHandle file in (SafeFileHandle[])[descriptors.ConsumerPage, descriptors.Data])
        {
            foreach (int length in (int[])[0, Rings.Page - 1, 64 * Rings.Page])
            {
                Assert.NotEqual(0, Truncate(file, length));
                Assert.Equal(Errno.EPERM, Libc.LastError);
            }
        }
    }

    [Fact]
    public void Two_mappings_are_the_same_memory_and_disposing_leaves_none()
    {
        string[] before = Mappings();
        UserRingBuffer ring = Rings.Make();
        using UserRingDescriptors descriptors = ring.DescriptorsForProducer();
        UserRingProducer producer = UserRingProducer.Open(descriptors);
        producer.Produce(8, 7);
        Assert.Equal(new byte[] { 7, 7, 7, 7, 7, 7, 7, 7 }, Assert.Single(ring.Take()));

        producer.Dispose();
        ring.Dispose();

        Assert.Equal(before, Mappings());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Both_sides_of_a_process_share_a_mapping_until_the_second_is_disposed(bool ringFirst)
    {
        string[] none = Mappings();
        UserRingBuffer ring = Rings.Make();
        string[] one = Mappings();
        UserRingProducer producer = ring.OpenProducer();
        Assert.Equal(one, Mappings());

        if (ringFirst)
        {
            ring.Dispose();
        }

        producer.Produce(8);
        producer.Dispose();
        Assert.Equal(ringFirst ? none : one, Mappings());
        ring.Dispose();
        Assert.Equal(none, Mappings());
    }

    [Fact]
    public void A_ring_that_is_mapped_at_once_works_as_any_other()
    {
        using var ring = new UserRingBuffer(new UserRingOptions { Size = 1 << 20, Flags = UserRingFlags.Populate });
        using UserRingDescriptors descriptors = ring.DescriptorsForProducer();
        using UserRingProducer producer = UserRingProducer.Open(descriptors, UserRingFlags.Populate);
        producer.Produce(100, 1);

        Assert.Equal(100, Assert.Single(ring.Take()).Length);
    }

    private static unsafe Span<byte> DataOf(RawRing raw) => new(raw.Memory.Data, (int)(2 * raw.Memory.Size));

    private static Errno TryMap(SafeFileHandle file, int protection)
    {
        nint address = Libc.Map(0, (nuint)Rings.Page, protection, Libc.Shared, file, 0);
        if (address == -1)
        {
            return Libc.LastError;
        }

        Libc.Unmap(address, (nuint)Rings.Page);
        return Errno.None;
    }

    /// <summary>Of rings, in this process.</summary>
    private static string[] Mappings() => [.. File.ReadLines("/proc/self/maps").Where(line => line.Contains("/memfd:ring-", StringComparison.Ordinal))];

    private static IEnumerable<string> ProtectionsOf(IEnumerable<string> mappings) => mappings.Select(line => line.Split(' ')[1]).Order(StringComparer.Ordinal);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    private static partial int Truncate(SafeHandle file, long length);
}
