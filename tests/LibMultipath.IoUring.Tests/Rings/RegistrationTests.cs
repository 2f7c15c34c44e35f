using LibMultipath.Block;
using LibMultipath.IoUring.Abi;
using LibMultipath.IoUring.Tests.Kit;
using Microsoft.Win32.SafeHandles;

namespace LibMultipath.IoUring.Tests.Rings;

public sealed unsafe class RegistrationTests : IDisposable
{
    private readonly Ring _ring = RingExtensions.MakeRing();
    private readonly string _file = Path.GetTempFileName();

    public void Dispose()
    {
        _ring.Dispose();
        File.Delete(_file);
    }

    [Fact]
    public void A_registered_file_is_used_by_its_slot_after_its_descriptor_was_closed()
    {
        byte data = 0;
        File.WriteAllBytes(_file, [1]);
        _ring.RegisterFiles(4);
        using (SafeFileHandle file = File.OpenHandle(_file))
        {
            _ring.SetFile(2, file);
        }

        Assert.Equal(1, Read(2, &data));
        Assert.Equal(1, data);
        Assert.Equal(-(int)Errno.EBADF, Read(1, &data));
        _ring.SetFile(2, null);
        Assert.Equal(-(int)Errno.EBADF, Read(2, &data));
    }

    [Fact]
    public void What_was_filled_before_a_slot_changes_goes_to_the_file_that_was_there()
    {
        string other = Path.GetTempFileName();
        try
        {
            using SafeFileHandle first = File.OpenHandle(_file, FileMode.Open, FileAccess.Write);
            using SafeFileHandle second = File.OpenHandle(other, FileMode.Open, FileAccess.Write);
            _ring.RegisterFiles(1);
            _ring.SetFile(0, first);
            byte data = 9;
            ref io_uring_sqe sqe = ref _ring.GetSqe(1);
            sqe.PrepWrite(0, &data, 1, 0);
            sqe.flags = SqeFlags.FixedFile;
            _ring.SetFile(0, second);
            Assert.Equal(1, _ring.Next().Result);
            Assert.Equal([9], File.ReadAllBytes(_file));
            Assert.Empty(File.ReadAllBytes(other));
        }
        finally
        {
            File.Delete(other);
        }
    }

    [Fact]
    public void What_is_under_way_with_a_file_ends_with_it_when_its_slot_is_emptied()
    {
        using Pipe pipe = Native.Pipe();
        byte data = 0;
        _ring.RegisterFiles(1);
        _ring.SetFile(0, pipe.Read);
        ref io_uring_sqe sqe = ref _ring.GetSqe(1);
        sqe.PrepRead(0, &data, 1, ulong.MaxValue);
        sqe.flags = SqeFlags.FixedFile;
        _ring.Submit();
        _ring.SetFile(0, null);
        Native.Write(pipe.Write, [3]);
        Assert.Equal(1, _ring.Next().Result);
        Assert.Equal(3, data);
    }

    [Fact]
    public void Slots_out_of_range_and_closed_files_are_refused()
    {
        SafeFileHandle file = File.OpenHandle(_file);
        Assert.Throws<RingException>(() => _ring.SetFile(0, file));
        _ring.RegisterFiles(1);
        Assert.Equal(Errno.EINVAL, Assert.Throws<RingException>(() => _ring.SetFile(1, file)).Errno);
        Assert.Equal(Errno.EBUSY, Assert.Throws<RingException>(() => _ring.RegisterFiles(1)).Errno);
        Assert.Throws<ArgumentOutOfRangeException>(() => _ring.RegisterFiles(0));
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => _ring.SetFile(0, file));
    }

    [Fact]
    public void Data_goes_through_registered_buffers()
    {
        using MappedMemory memory = MappedMemory.Anonymous(8192);
        using SafeFileHandle file = File.OpenHandle(_file, FileMode.Open, FileAccess.ReadWrite);
        int descriptor = (int)file.DangerousGetHandle();
        _ring.RegisterBuffers(8);
        _ring.SetBuffer(5, memory.Address, 8192);
        new Span<byte>(memory.Address, 4096).Fill(6);
        _ring.GetSqe(1).PrepWriteFixed(descriptor, (ulong)memory.Address, 4096, 0, 5);
        Assert.Equal(4096, _ring.Next().Result);
        _ring.GetSqe(2).PrepReadFixed(descriptor, (ulong)memory.Address + 4096, 4096, 0, 5);
        Assert.Equal(4096, _ring.Next().Result);
        Assert.Equal(-1, new Span<byte>(memory.Address, 8192).IndexOfAnyExcept((byte)6));

        // Outside the buffer, and without one.
        _ring.GetSqe(3).PrepReadFixed(descriptor, (ulong)memory.Address + 8192, 1, 0, 5);
        Assert.Equal(-(int)Errno.EFAULT, _ring.Next().Result);
        _ring.SetBuffer(5, null, 0);
        _ring.GetSqe(4).PrepReadFixed(descriptor, (ulong)memory.Address, 1, 0, 5);
        Assert.Equal(-(int)Errno.EFAULT, _ring.Next().Result);
    }

    [Fact]
    public void Memory_that_is_not_there_is_no_buffer()
    {
        _ring.RegisterBuffers(1);
        Assert.Equal(Errno.EFAULT, Assert.Throws<RingException>(() => _ring.SetBuffer(0, (void*)4096, 4096)).Errno);
    }

    [Fact]
    public void Memory_can_be_mapped_from_a_file_given_back_and_made_ones_own()
    {
        File.WriteAllBytes(_file, [.. Enumerable.Repeat((byte)4, 4096)]);
        using SafeFileHandle file = File.OpenHandle(_file, FileMode.Open, FileAccess.ReadWrite);
        using MappedMemory mapped = MappedMemory.OfFile(file, 0, 4096, writable: true);
        Assert.Equal((nuint)4096, mapped.Length);
        mapped.Address[0] = 5;
        Assert.Equal(5, File.ReadAllBytes(_file)[0]);
        mapped.MakePrivate();
        mapped.Address[0] = 6;
        Assert.Equal(4, mapped.Address[1]);
        Assert.Equal(5, File.ReadAllBytes(_file)[0]);

        using MappedMemory own = MappedMemory.Anonymous(4096);
        own.Address[7] = 1;
        own.Discard();
        Assert.Equal(0, own.Address[7]);
        Assert.Equal(Errno.ENOMEM, Assert.Throws<RingException>(() => MappedMemory.Anonymous(nuint.MaxValue / 4)).Errno);
    }

    private int Read(int slot, byte* data)
    {
        ref io_uring_sqe sqe = ref _ring.GetSqe();
        sqe.PrepRead(slot, data, 1, 0);
        sqe.flags = SqeFlags.FixedFile;
        return _ring.Next().Result;
    }
}
