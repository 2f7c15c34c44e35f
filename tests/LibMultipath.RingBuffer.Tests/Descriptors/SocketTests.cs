using System.Net.Sockets;
using LibMultipath.Block;
using LibMultipath.RingBuffer.Interop;
using LibMultipath.RingBuffer.Tests.Kit;

namespace LibMultipath.RingBuffer.Tests.Descriptors;

public sealed class SocketTests : IDisposable
{
    private readonly Socket _here;
    private readonly Socket _there;

    public SocketTests()
    {
        string name = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(name));
        listener.Listen(1);
        _here = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _here.Connect(new UnixDomainSocketEndPoint(name));
        _there = listener.Accept();
        File.Delete(name);
    }

    public void Dispose()
    {
        _here.Dispose();
        _there.Dispose();
    }

    [Fact]
    public void Descriptors_are_passed_over_a_socket_and_what_came_is_a_ring()
    {
        using UserRingBuffer ring = Rings.Make();
        using (UserRingDescriptors sent = ring.DescriptorsForProducer())
        {
            sent.Send(_here);
        }

        using UserRingDescriptors received = UserRingDescriptors.Receive(_there);
        Assert.False(Libc.IsWritable(received.ConsumerPage));
        using UserRingProducer producer = UserRingProducer.Open(received);
        producer.Produce(8, 3);
        Assert.Equal(3, Assert.Single(ring.Take())[0]);
    }

    [Fact]
    public void The_lock_of_a_producer_is_its_own_and_not_of_who_has_passed_the_descriptors_on()
    {
        using UserRingBuffer ring = Rings.Make();
        using UserRingDescriptors sent = ring.DescriptorsForProducer();
        sent.Send(_here);
        using UserRingDescriptors received = UserRingDescriptors.Receive(_there);
        UserRingProducer.Open(received).Dispose();
        Assert.False(ring.HasProducer);
        using UserRingProducer producer = UserRingProducer.Open(received);

        Assert.Equal(Errno.EBUSY, Assert.Throws<UserRingException>(() => UserRingProducer.Open(sent)).Errno);
    }

    [Fact]
    public void Anything_else_that_comes_is_EINVAL()
    {
        int before = OpenFiles.Count();
        _here.Send("R"u8);
        Assert.Equal(Errno.EINVAL, Assert.Throws<UserRingException>(() => UserRingDescriptors.Receive(_there)).Errno);
        using (UserRingBuffer ring = Rings.Make())
        using (UserRingDescriptors descriptors = ring.DescriptorsForProducer())
        {
            Assert.Equal(Errno.None, Libc.SendDescriptors(_here.SafeHandle, (byte)'x', descriptors.ConsumerPage, descriptors.Data));
            Assert.Equal(Errno.EINVAL, Assert.Throws<UserRingException>(() => UserRingDescriptors.Receive(_there)).Errno);
        }

        Assert.Equal(before, OpenFiles.Count());
    }

    [Fact]
    public void A_socket_that_is_closed_is_told()
    {
        _here.Dispose();
        Assert.Equal(Errno.ENODATA, Assert.Throws<UserRingException>(() => UserRingDescriptors.Receive(_there)).Errno);

        using UserRingBuffer ring = Rings.Make();
        using UserRingDescriptors descriptors = ring.DescriptorsForProducer();
        _there.Shutdown(SocketShutdown.Both);
        Assert.Throws<UserRingException>(() => descriptors.Send(_there));
    }

    [Fact]
    public async Task A_socket_that_was_used_asynchronously_is_waited_for()
    {
        // From the first such call on the runtime has it not block.
        var mark = new byte[1];
        ValueTask<int> marked = _there.ReceiveAsync(mark.AsMemory());
        _here.Send([1]);
        Assert.Equal(1, await marked);
        using UserRingBuffer ring = Rings.Make();
        using UserRingDescriptors sent = ring.DescriptorsForProducer();
        using var receiver = new OtherThread(() =>
        {
            using UserRingDescriptors received = UserRingDescriptors.Receive(_there);
            using UserRingProducer producer = UserRingProducer.Open(received);
            producer.Produce(8);
        });
        Eventually.True(Threads.AnyPolls, "the receiver to wait");
        sent.Send(_here);
        receiver.Join();
        Assert.Single(ring.Take());
    }

    [Fact]
    public void Descriptors_that_come_behind_the_identity_of_their_sender_are_found()
    {
        _there.SetRawSocketOption(1, 16, BitConverter.GetBytes(1)); // SOL_SOCKET, SO_PASSCRED
        using UserRingBuffer ring = Rings.Make();
        using UserRingDescriptors sent = ring.DescriptorsForProducer();
        sent.Send(_here);

        using UserRingDescriptors received = UserRingDescriptors.Receive(_there);
        UserRingProducer.Open(received).Dispose();
    }
}
