using System.IO.Pipes;
using System.Runtime.InteropServices;
using LibMultipath.Block;
using LibMultipath.RingBuffer.Interop;
using LibMultipath.RingBuffer.Tests.Kit;
using Microsoft.Win32.SafeHandles;

namespace LibMultipath.RingBuffer.Tests.Descriptors;

/// <summary>What a ring cannot be opened with.</summary>
public sealed partial class DescriptorTests
{
    public static TheoryData<string> Wrong =>
        ["a file", "a pipe", "an event counter", "/dev/null", "memory without seals", "memory that can grow", "memory of another length", "memory of the right length", "the other one", "that of another ring"];

    [Theory]
    [MemberData(nameof(Wrong))]
    public void The_wrong_kind_of_descriptor_is_EINVAL(string kind)
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingBuffer other = Rings.Make();
        using UserRingDescriptors right = ring.DescriptorsForConsumer();
        using UserRingDescriptors others = other.DescriptorsForConsumer();
        using SafeFileHandle consumerPage = Make(kind, right.Data, others.ConsumerPage, Rings.Page);
        using SafeFileHandle data = Make(kind, right.ConsumerPage, others.Data, 2 * Rings.Page);
        ring.Dispose();
        other.Dispose();
        int before = OpenFiles.Count();

        // Either, and both, which would be one ring if it were another's.
        AssertWrong(new UserRingDescriptors(consumerPage, right.Data));
        AssertWrong(new UserRingDescriptors(right.ConsumerPage, data));
        if (kind != "that of another ring")
        {
            AssertWrong(new UserRingDescriptors(consumerPage, data));
        }

        Assert.Equal(before, OpenFiles.Count());
        UserRingBuffer.TakeOver(right).Dispose();
    }

    [Fact]
    public void A_consumer_cannot_take_over_with_what_a_producer_has()
    {
        UserRingBuffer ring = Rings.Make();
        using UserRingDescriptors descriptors = ring.DescriptorsForProducer();
        ring.Dispose();

        UserRingException exception = Assert.Throws<UserRingException>(() => UserRingBuffer.TakeOver(descriptors));
        Assert.Equal(Errno.EINVAL, exception.Errno);
        Assert.Contains(nameof(UserRingBuffer.DescriptorsForConsumer), exception.Remedy);
    }

    [Fact]
    public void Data_that_is_read_only_is_EINVAL()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingDescriptors right = ring.DescriptorsForProducer();
        Assert.Equal(Errno.None, Libc.Reopen(right.Data, writable: false, out SafeFileHandle data));
        using (data)
        {
            Assert.Equal(Errno.EINVAL, Assert.Throws<UserRingException>(() => UserRingProducer.Open(new UserRingDescriptors(right.ConsumerPage, data))).Errno);
        }
    }

    [Theory]
    [InlineData(8)]
    [InlineData(-1)]
    [InlineData(1 << 30)]
    public void Options_that_are_unknown_are_EINVAL(int bits)
    {
        var flags = (UserRingFlags)bits;
        using UserRingBuffer ring = Rings.Make();
        using UserRingDescriptors producers = ring.DescriptorsForProducer();
        using UserRingDescriptors consumers = ring.DescriptorsForConsumer();

        Assert.Equal(Errno.EINVAL, Assert.Throws<UserRingException>(() => new UserRingBuffer(new UserRingOptions { Flags = flags })).Errno);
        Assert.Equal(Errno.EINVAL, Assert.Throws<UserRingException>(() => UserRingProducer.Open(producers, flags)).Errno);
        Assert.Equal(Errno.EINVAL, Assert.Throws<UserRingException>(() => UserRingBuffer.TakeOver(consumers, flags)).Errno);
        Assert.False(ring.HasProducer);
    }

    [Fact]
    public void Only_who_takes_over_finds_a_record_in_hand()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingDescriptors producers = ring.DescriptorsForProducer();
        Assert.Equal(Errno.EINVAL, Assert.Throws<UserRingException>(() => new UserRingBuffer(new UserRingOptions { Flags = UserRingFlags.SkipInHand })).Errno);
        Assert.Equal(Errno.EINVAL, Assert.Throws<UserRingException>(() => UserRingProducer.Open(producers, UserRingFlags.SkipInHand)).Errno);
    }

    [Fact]
    public void A_consumer_does_not_know_who_reserves() => Assert.Equal(
        Errno.EINVAL,
        Assert.Throws<UserRingException>(() => new UserRingBuffer(new UserRingOptions { Flags = UserRingFlags.OneThreadReserves })).Errno);

    [Fact]
    public void A_ring_and_its_sides_leave_no_descriptor_behind()
    {
        Use();
        int before = OpenFiles.Count();
        for (int i = 0; i < 10; i++)
        {
            Use();
        }

        Assert.Equal(before, OpenFiles.Count());

        static void Use()
        {
            using UserRingBuffer ring = Rings.Make();
            using UserRingProducer producer = ring.OpenProducer();
            using UserRingDescriptors consumers = ring.DescriptorsForConsumer();
            Assert.Throws<UserRingException>(() => ring.OpenProducer());
            Assert.Throws<UserRingException>(() => UserRingBuffer.TakeOver(consumers));
        }
    }

    [Fact]
    public void An_error_names_what_was_done_and_what_to_do()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingProducer producer = ring.OpenProducer();

        UserRingException exception = Assert.Throws<UserRingException>(() => ring.OpenProducer());
        Assert.Equal("opening a ring as its producer: Device or resource busy (EBUSY); it has a producer: one at a time", exception.Message);
    }

    private static void AssertWrong(UserRingDescriptors descriptors)
    {
        Assert.Equal(Errno.EINVAL, Assert.Throws<UserRingException>(() => UserRingProducer.Open(descriptors)).Errno);
        Assert.Equal(Errno.EINVAL, Assert.Throws<UserRingException>(() => UserRingBuffer.TakeOver(descriptors)).Errno);
    }

    private static SafeFileHandle Make(string kind, SafeFileHandle counterpart, SafeFileHandle others, int length)
    {
        switch (kind)
        {
            case "a file":
                string name = Path.GetTempFileName();
                SafeFileHandle file = File.OpenHandle(name, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, FileOptions.DeleteOnClose);
                RandomAccess.SetLength(file, length);
                return file;
            case "a pipe":
                using (var pipe = new AnonymousPipeServerStream())
                {
                    return Copy(new SafeFileHandle(pipe.SafePipeHandle.DangerousGetHandle(), ownsHandle: false));
                }

            case "an event counter":
                return new SafeFileHandle(EventFd(0, 0x80000), ownsHandle: true);
            case "/dev/null":
                return File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            case "memory without seals":
                return Memory(length, seal: 0);
            case "memory that can grow":
                return Memory(length, seal: 0x2);
            case "memory of another length":
                return Memory(length + (3 * Rings.Page), seal: Libc.Seals);
            case "memory of the right length":
                return Memory(length, seal: Libc.Seals);
            case "the other one":
                return Copy(counterpart);
            default:
                return Copy(others);
        }
    }

    private static unsafe SafeFileHandle Memory(int length, int seal)
    {
        Assert.Equal(Errno.None, Libc.CreateMemory("test", length, out SafeFileHandle file));
        Assert.Equal(0, Control(file, 1033, seal));
        return file;
    }

    private static SafeFileHandle Copy(SafeFileHandle file) => new(Duplicate(file), ownsHandle: true);

    [LibraryImport("libc", EntryPoint = "eventfd")]
    private static partial int EventFd(uint value, int flags);

    [LibraryImport("libc", EntryPoint = "dup")]
    private static partial int Duplicate(SafeHandle file);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(SafeHandle file, int command, int argument);
}
