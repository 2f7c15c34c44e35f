using LibMultipath.Block;
using LibMultipath.IoUring.Abi;
using LibMultipath.IoUring.Tests.Kit;
using LibMultipath.Tests.Kit;
using Microsoft.Win32.SafeHandles;

namespace LibMultipath.IoUring.Tests.Rings;

/// <summary>Operations on files, time limits, cancellation and messages.</summary>
public sealed unsafe class OperationTests : IDisposable
{
    private const uint PollIn = 1;

    private readonly Ring _ring = RingExtensions.MakeRing();
    private readonly string _file = Path.GetTempFileName();

    public void Dispose()
    {
        _ring.Dispose();
        File.Delete(_file);
    }

    [Fact]
    public void A_file_is_written_synchronised_zeroed_and_read()
    {
        using SafeFileHandle file = File.OpenHandle(_file, FileMode.Open, FileAccess.ReadWrite);
        int descriptor = (int)file.DangerousGetHandle();
        byte* data = stackalloc byte[8192];
        new Span<byte>(data, 8192).Fill(7);
        _ring.GetSqe(1).PrepWrite(descriptor, data, 8192, 0);
        Assert.Equal(8192, _ring.Next().Result);
        _ring.GetSqe(2).PrepFsync(descriptor, dataOnly: true);
        Assert.Equal(0, _ring.Next().Result);
        _ring.GetSqe(3).PrepFsync(descriptor, dataOnly: false);
        Assert.Equal(0, _ring.Next().Result);
        _ring.GetSqe(4).PrepFallocate(descriptor, 3, 4096, 4096); // FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE
        Assert.Equal(0, _ring.Next().Result);

        (nint, nint)* vectors = stackalloc (nint, nint)[2];
        byte[] expected = File.ReadAllBytes(_file);
        Assert.Equal([.. Enumerable.Repeat((byte)7, 4096), .. new byte[4096]], expected);
        new Span<byte>(data, 8192).Fill(1);
        vectors[0] = ((nint)data, 100);
        vectors[1] = ((nint)data + 100, 8092);
        _ring.GetSqe(5).PrepReadVector(descriptor, vectors, 2, 0);
        Assert.Equal(8192, _ring.Next().Result);
        Assert.Equal(expected, new Span<byte>(data, 8192).ToArray());

        new Span<byte>(data, 8192).Fill(9);
        _ring.GetSqe(6).PrepWriteVector(descriptor, vectors, 2, 4096);
        Assert.Equal(8192, _ring.Next().Result);
        Assert.Equal(4096 + 8192, new FileInfo(_file).Length);
        new Span<byte>(data, 8192).Clear();
        _ring.GetSqe(7).PrepRead(descriptor, data, 8192, 8192);
        Assert.Equal(4096, _ring.Next().Result);
        Assert.Equal(9, data[4095]);
        Assert.Equal(0, data[4096]);
    }

    [Fact]
    public void What_fails_comes_back_with_its_errno()
    {
        _ring.GetSqe(1).PrepRead(-1, null, 0, 0);
        Assert.Equal(-(int)Errno.EBADF, _ring.Next().Result);
    }

    [Fact]
    public void A_poll_tells_once_or_every_time()
    {
        using SafeFileHandle counter = Native.EventCounter();
        int descriptor = (int)counter.DangerousGetHandle();
        _ring.GetSqe(1).PrepPoll(descriptor, PollIn, multishot: true);
        _ring.Submit();
        for (int i = 0; i < 3; i++)
        {
            Native.Write(counter, BitConverter.GetBytes(1L));
            RingCompletion completion = _ring.Next();
            Assert.Equal((int)PollIn, completion.Result & (int)PollIn);
            Assert.True(completion.Flags.HasFlag(CqeFlags.More));
        }

        _ring.GetSqe(2).PrepPoll(descriptor, PollIn, multishot: false);
        RingCompletion once = _ring.Next();
        Assert.Equal(2ul, once.UserData);
        Assert.False(once.Flags.HasFlag(CqeFlags.More));
    }

    [Fact]
    public void A_linked_time_limit_ends_what_lasts_too_long()
    {
        using Pipe pipe = Native.Pipe();
        byte data = 0;
        PrepareReadWithin(pipe.Read, &data, TimeSpan.FromMilliseconds(5));
        Dictionary<ulong, RingCompletion> completions = _ring.Next(2);
        Assert.Equal(-(int)Errno.ECANCELED, completions[1].Result);
        Assert.Equal(-(int)Errno.ETIME, completions[2].Result);

        PrepareReadWithin(pipe.Read, &data, TimeSpan.FromHours(1));
        _ring.Submit();
        Native.Write(pipe.Write, [5]);
        completions = _ring.Next(2);
        Assert.Equal(1, completions[1].Result);
        Assert.Equal(5, data);
        Assert.Equal(-(int)Errno.ECANCELED, completions[2].Result);
    }

    [Fact]
    public void One_operation_of_many_is_cancelled()
    {
        using Pipe pipe = Native.Pipe();
        byte* data = stackalloc byte[4];
        for (ulong i = 1; i <= 3; i++)
        {
            _ring.GetSqe(i).PrepRead((int)pipe.Read.DangerousGetHandle(), data + i, 1, ulong.MaxValue);
        }

        _ring.GetSqe(10).PrepCancel(2);
        Dictionary<ulong, RingCompletion> completions = _ring.Next(2);
        Assert.Equal(0, completions[10].Result);
        Assert.Equal(-(int)Errno.ECANCELED, completions[2].Result);

        _ring.GetSqe(11).PrepCancel(2);
        Assert.Equal(-(int)Errno.ENOENT, _ring.Next().Result);

        Native.Write(pipe.Write, [1, 2]);
        Assert.Equal((ulong[])[1, 3], _ring.Next(2).Keys.Order());
    }

    [Fact]
    public void All_operations_are_cancelled_at_once()
    {
        const int Count = 50;
        using Pipe pipe = Native.Pipe();
        byte data = 0;
        for (ulong i = 1; i <= Count; i++)
        {
            _ring.GetSqe(i).PrepRead((int)pipe.Read.DangerousGetHandle(), &data, 1, ulong.MaxValue);
        }

        _ring.Submit();
        _ring.GetSqe(100).PrepCancelAll();
        Dictionary<ulong, RingCompletion> completions = _ring.Next(Count + 1);
        Assert.Equal(Count, completions[100].Result);
        completions.Remove(100);
        Assert.All(completions.Values, completion => Assert.Equal(-(int)Errno.ECANCELED, completion.Result));
    }

    [Fact]
    public void A_time_that_is_over_is_no_time_below_zero()
    {
        Assert.Equal((1, 500_000_000), Of(TimeSpan.FromSeconds(1.5)));
        Assert.Equal((0, 100), Of(TimeSpan.FromTicks(1)));
        Assert.Equal((0, 0), Of(TimeSpan.FromSeconds(-3)));

        static (long, long) Of(TimeSpan time)
        {
            __kernel_timespec kernel = __kernel_timespec.From(time);
            return (kernel.tv_sec, kernel.tv_nsec);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_message_arrives_at_a_ring_of_another_thread_and_wakes_it(bool singleIssuer)
    {
        Ring? other = null;
        RingCompletion arrived = default;
        Thread thread = OtherThread.Start(() =>
        {
            using Ring ring = RingExtensions.MakeRing(new RingOptions { SingleIssuer = singleIssuer });
            Volatile.Write(ref other, ring);
            arrived = ring.Next();
        });
        Eventually.True(() => Volatile.Read(ref other) is not null, "the other ring");
        _ring.GetSqe(1).PrepMessage(other!.Descriptor, 0x1234_5678_9ABC, 42);
        Assert.Equal(0, _ring.Next().Result);
        OtherThread.Join(thread);
        Assert.Equal(new RingCompletion(0x1234_5678_9ABC, 42, CqeFlags.None), arrived);
    }

    [Fact]
    public void A_message_to_what_is_no_ring_fails()
    {
        using SafeFileHandle file = File.OpenHandle(_file);
        _ring.GetSqe(1).PrepMessage((int)file.DangerousGetHandle(), 1, 1);
        Assert.Equal(-(int)Errno.EBADFD, _ring.Next().Result);
    }

    private void PrepareReadWithin(SafeFileHandle file, byte* data, TimeSpan limit)
    {
        __kernel_timespec time = __kernel_timespec.From(limit);
        _ring.Reserve(2);
        ref io_uring_sqe sqe = ref _ring.GetSqe(1);
        sqe.PrepRead((int)file.DangerousGetHandle(), data, 1, ulong.MaxValue);
        sqe.flags |= SqeFlags.Link;
        _ring.GetSqe(2).PrepLinkTimeout(&time);
        _ring.Submit();
    }
}
