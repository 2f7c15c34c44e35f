using LibMultipath.Block;
using LibMultipath.IoUring.Abi;
using LibMultipath.IoUring.Tests.Kit;
using Microsoft.Win32.SafeHandles;

namespace LibMultipath.IoUring.Tests.Rings;

/// <summary>A read that goes on, into buffers that the kernel takes as it needs them.</summary>
public sealed unsafe class ProvidedBufferTests : IDisposable
{
    private const ushort Group = 3;
    private const int Count = 4;
    private const int Size = 16;

    private readonly Ring _ring = RingExtensions.MakeRing();
    private readonly ProvidedBuffers _buffers;

    public ProvidedBufferTests() => _buffers = new ProvidedBuffers(_ring, Group, Count, Size);

    public static TheoryData<string> Sources => ["pipe", "socket"];

    public void Dispose()
    {
        _ring.Dispose();
        _buffers.Dispose();
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void One_read_receives_again_and_again_while_buffers_are_given_back(string source)
    {
        using Pipe pipe = Make(source);
        _ring.GetSqe(1).PrepReadMultishot((int)pipe.Read.DangerousGetHandle(), Group);
        _ring.Submit();
        var used = new HashSet<ushort>();
        for (int i = 0; i < 20; i++)
        {
            Native.Write(pipe.Write, [(byte)i, (byte)(i + 1)]);
            RingCompletion completion = _ring.Next();
            Assert.Equal((1ul, 2), (completion.UserData, completion.Result));
            Assert.True(completion.Flags.HasFlag(CqeFlags.More));
            byte* data = _buffers.Take(completion.Flags, out ushort number);
            Assert.Equal(((byte)i, (byte)(i + 1)), (data[0], data[1]));
            used.Add(number);
            _buffers.Return(number);
        }

        Assert.Equal(Count, used.Count);
        pipe.Write.Dispose();
        RingCompletion last = _ring.Next();
        Assert.Equal(0, last.Result);
        Assert.False(last.Flags.HasFlag(CqeFlags.More));
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void Without_buffers_it_ends_and_begins_again_when_some_were_given_back(string source)
    {
        using Pipe pipe = Make(source);
        // More than all buffers hold.
        byte[] sent = [.. Enumerable.Range(0, Size * (Count + 2)).Select(i => (byte)i)];
        Native.Write(pipe.Write, sent);
        var received = new List<byte>();
        var held = new List<ushort>();
        int ends = 0;
        Arm(pipe.Read);
        while (received.Count < sent.Length)
        {
            RingCompletion completion = _ring.Next();
            if (completion.Result > 0)
            {
                byte* data = _buffers.Take(completion.Flags, out ushort number);
                received.AddRange(new ReadOnlySpan<byte>(data, completion.Result).ToArray());
                held.Add(number);
            }

            if (!completion.Flags.HasFlag(CqeFlags.More))
            {
                Assert.Equal(-(int)Errno.ENOBUFS, completion.Result);
                Assert.Equal(Count, held.Count);
                held.ForEach(_buffers.Return);
                held.Clear();
                ends++;
                Arm(pipe.Read);
            }
        }

        Assert.Equal(sent, received);
        Assert.Equal(1, ends);
    }

    [Fact]
    public void A_counter_is_read_again_and_again()
    {
        using SafeFileHandle counter = Native.EventCounter();
        Arm(counter);
        for (long i = 1; i <= 10; i++)
        {
            Native.Write(counter, BitConverter.GetBytes(i));
            RingCompletion completion = _ring.Next();
            Assert.Equal(8, completion.Result);
            Assert.Equal(i, *(long*)_buffers.Take(completion.Flags, out ushort number));
            _buffers.Return(number);
        }
    }

    [Fact]
    public void A_completion_without_a_buffer_has_none_to_take()
    {
        Assert.Throws<ArgumentException>(() => Take(CqeFlags.More));
        _buffers.Dispose();
        _buffers.Dispose();

        void Take(CqeFlags flags) => _buffers.Take(flags, out _);
    }

    [Fact]
    public void A_group_is_there_once_and_after_it_was_disposed_again()
    {
        Assert.Equal(Errno.EEXIST, Assert.Throws<RingException>(() => new ProvidedBuffers(_ring, Group, Count, Size)).Errno);
        _buffers.Dispose();
        using var again = new ProvidedBuffers(_ring, Group, 1, 4096);
        Assert.Equal((Group, 4096), (again.Group, again.Size));
    }

    [Theory]
    [InlineData(0, 16)]
    [InlineData(3, 16)]
    [InlineData(65536, 16)]
    [InlineData(4, 0)]
    public void Numbers_and_sizes_out_of_range_are_refused(int count, int size) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ProvidedBuffers(_ring, 4, count, size));

    private static Pipe Make(string source) =>
        source == "pipe" ? Native.Pipe() : Native.SocketPair();

    private void Arm(SafeFileHandle file)
    {
        _ring.GetSqe(1).PrepReadMultishot((int)file.DangerousGetHandle(), Group);
        _ring.Submit();
    }
}
