namespace LibMultipath.IoUring.Abi;

public unsafe partial struct io_uring_sqe
{
    private const uint MsgData = 0; // IORING_MSG_DATA
    private const uint DataSyncOnly = 1; // IORING_FSYNC_DATASYNC

    /// <summary>Nothing: the completion comes at once (<c>IORING_OP_NOP</c>).</summary>
    public void PrepNop() => opcode = IoUringOp.Nop;

    /// <summary>Reads into a buffer (<c>IORING_OP_READ</c>).</summary>
    /// <param name="file">Descriptor, or slot with <see cref="SqeFlags.FixedFile"/>.</param>
    /// <param name="buffer">Stays valid until the completion.</param>
    /// <param name="length">In bytes.</param>
    /// <param name="offset">In bytes; all ones for the file's own position.</param>
    public void PrepRead(int file, void* buffer, uint length, ulong offset) => PrepIo(IoUringOp.Read, file, buffer, length, offset);

    /// <summary>Writes from a buffer (<c>IORING_OP_WRITE</c>).</summary>
    /// <param name="file">Descriptor, or slot with <see cref="SqeFlags.FixedFile"/>.</param>
    /// <param name="buffer">Stays valid until the completion.</param>
    /// <param name="length">In bytes.</param>
    /// <param name="offset">In bytes.</param>
    public void PrepWrite(int file, void* buffer, uint length, ulong offset) => PrepIo(IoUringOp.Write, file, buffer, length, offset);

    /// <summary>Reads into vectors (<c>IORING_OP_READV</c>).</summary>
    /// <param name="file">Descriptor, or slot with <see cref="SqeFlags.FixedFile"/>.</param>
    /// <param name="vectors">Array of <c>struct iovec</c>; stays valid until the completion.</param>
    /// <param name="count">How many.</param>
    /// <param name="offset">In bytes.</param>
    public void PrepReadVector(int file, void* vectors, uint count, ulong offset) => PrepIo(IoUringOp.Readv, file, vectors, count, offset);

    /// <summary>Writes from vectors (<c>IORING_OP_WRITEV</c>).</summary>
    /// <param name="file">Descriptor, or slot with <see cref="SqeFlags.FixedFile"/>.</param>
    /// <param name="vectors">Array of <c>struct iovec</c>; stays valid until the completion.</param>
    /// <param name="count">How many.</param>
    /// <param name="offset">In bytes.</param>
    public void PrepWriteVector(int file, void* vectors, uint count, ulong offset) => PrepIo(IoUringOp.Writev, file, vectors, count, offset);

    /// <summary>Reads into a registered buffer (<c>IORING_OP_READ_FIXED</c>).</summary>
    /// <param name="file">Descriptor, or slot with <see cref="SqeFlags.FixedFile"/>.</param>
    /// <param name="address">Inside the buffer; an offset from 0 for one that a driver registered.</param>
    /// <param name="length">In bytes.</param>
    /// <param name="offset">In bytes.</param>
    /// <param name="slot">The buffer's slot.</param>
    public void PrepReadFixed(int file, ulong address, uint length, ulong offset, ushort slot)
    {
        PrepIo(IoUringOp.ReadFixed, file, (void*)address, length, offset);
        buf_index = slot;
    }

    /// <summary>Writes from a registered buffer (<c>IORING_OP_WRITE_FIXED</c>).</summary>
    /// <param name="file">Descriptor, or slot with <see cref="SqeFlags.FixedFile"/>.</param>
    /// <param name="address">Inside the buffer; an offset from 0 for one that a driver registered.</param>
    /// <param name="length">In bytes.</param>
    /// <param name="offset">In bytes.</param>
    /// <param name="slot">The buffer's slot.</param>
    public void PrepWriteFixed(int file, ulong address, uint length, ulong offset, ushort slot)
    {
        PrepIo(IoUringOp.WriteFixed, file, (void*)address, length, offset);
        buf_index = slot;
    }

    /// <summary>
    /// Reads whenever there is something, each time into a provided buffer (<c>IORING_OP_READ_MULTISHOT</c>), until
    /// the file ends, it fails or no buffer is left (ENOBUFS): the completion that says so is the last one.
    /// </summary>
    /// <param name="file">Descriptor of a pipe, socket or other file that can be waited for, or slot with <see cref="SqeFlags.FixedFile"/>.</param>
    /// <param name="group">The group of the buffers (<see cref="ProvidedBuffers.Group"/>).</param>
    public void PrepReadMultishot(int file, ushort group)
    {
        PrepIo(IoUringOp.ReadMultishot, file, null, 0, ulong.MaxValue);
        flags |= SqeFlags.BufferSelect;
        buf_index = group;
    }

    /// <summary>Makes what was written durable (<c>IORING_OP_FSYNC</c>).</summary>
    /// <param name="file">Descriptor, or slot with <see cref="SqeFlags.FixedFile"/>.</param>
    /// <param name="dataOnly">As <c>fdatasync</c>.</param>
    public void PrepFsync(int file, bool dataOnly)
    {
        PrepIo(IoUringOp.Fsync, file, null, 0, 0);
        op_flags = dataOnly ? DataSyncOnly : 0;
    }

    /// <summary>Allocates, frees or zeroes a part of a file (<c>IORING_OP_FALLOCATE</c>).</summary>
    /// <param name="file">Descriptor, or slot with <see cref="SqeFlags.FixedFile"/>.</param>
    /// <param name="mode">As of <c>fallocate</c>.</param>
    /// <param name="offset">In bytes.</param>
    /// <param name="length">In bytes.</param>
    public void PrepFallocate(int file, int mode, ulong offset, ulong length) =>
        PrepIo(IoUringOp.Fallocate, file, (void*)length, (uint)mode, offset);

    /// <summary>Waits once, or again and again, for readiness (<c>IORING_OP_POLL_ADD</c>).</summary>
    /// <param name="file">Descriptor, or slot with <see cref="SqeFlags.FixedFile"/>.</param>
    /// <param name="events">As of <c>poll</c>.</param>
    /// <param name="multishot">Whether it goes on after the first completion.</param>
    public void PrepPoll(int file, uint events, bool multishot)
    {
        PrepIo(IoUringOp.PollAdd, file, null, multishot ? 1u : 0, 0);
        op_flags = BitConverter.IsLittleEndian ? events : (events << 16) | (events >> 16);
    }

    /// <summary>
    /// Ends the operation before it, which is linked to it (<see cref="SqeFlags.Link"/>), when it lasts too long
    /// (<c>IORING_OP_LINK_TIMEOUT</c>).
    /// </summary>
    /// <param name="time">How long; stays valid until the entry was submitted.</param>
    public void PrepLinkTimeout(__kernel_timespec* time) => PrepIo(IoUringOp.LinkTimeout, -1, time, 1, 0);

    /// <summary>Completes after a while (<c>IORING_OP_TIMEOUT</c>), with <c>ETIME</c>.</summary>
    /// <param name="time">How long; stays valid until the entry was submitted.</param>
    public void PrepTimeout(__kernel_timespec* time) => PrepIo(IoUringOp.Timeout, -1, time, 1, 0);

    /// <summary>Cancels an operation by its <see cref="user_data"/> (<c>IORING_OP_ASYNC_CANCEL</c>).</summary>
    /// <param name="target">The <see cref="user_data"/> of what is cancelled.</param>
    public void PrepCancel(ulong target) => PrepIo(IoUringOp.AsyncCancel, -1, (void*)target, 0, 0);

    /// <summary>Cancels everything that is under way on the ring.</summary>
    public void PrepCancelAll()
    {
        PrepIo(IoUringOp.AsyncCancel, -1, null, 0, 0);
        op_flags = (1 << 0) | (1 << 2); // IORING_ASYNC_CANCEL_ALL | IORING_ASYNC_CANCEL_ANY
    }

    /// <summary>Puts a completion on another ring (<c>IORING_OP_MSG_RING</c>).</summary>
    /// <param name="ring">That ring's descriptor.</param>
    /// <param name="userData">The <see cref="user_data"/> that arrives there.</param>
    /// <param name="result">The result that arrives there.</param>
    public void PrepMessage(int ring, ulong userData, int result) =>
        PrepIo(IoUringOp.MsgRing, ring, (void*)MsgData, (uint)result, userData);

    /// <summary>A command to a driver (<c>IORING_OP_URING_CMD</c>); its data goes to <see cref="Command"/>.</summary>
    /// <param name="file">Descriptor, or slot with <see cref="SqeFlags.FixedFile"/>.</param>
    /// <param name="command">The driver's number for it.</param>
    public void PrepUringCmd(int file, uint command)
    {
        opcode = IoUringOp.UringCmd;
        fd = file;
        cmd_op = command;
    }

    private void PrepIo(IoUringOp operation, int file, void* buffer, uint length, ulong offset)
    {
        opcode = operation;
        fd = file;
        addr = (ulong)buffer;
        len = length;
        off = offset;
    }
}
