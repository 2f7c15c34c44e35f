using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LibMultipath.IoUring.Abi;

/// <summary>
/// What is asked of the kernel (<c>struct io_uring_sqe</c>), as it lies in the submission queue. In a ring with
/// 128-byte entries the second half belongs to the command (<see cref="Command"/>).
/// </summary>
/// <remarks>The <c>Prep…</c> methods fill everything but <see cref="user_data"/> and <see cref="flags"/>, in an entry that is zero.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 64)]
public unsafe partial struct io_uring_sqe
{
    /// <summary>What to do.</summary>
    [FieldOffset(0)]
    public IoUringOp opcode;

    /// <summary>How: registered file, linked, drained, asynchronous, buffer selection.</summary>
    [FieldOffset(1)]
    public SqeFlags flags;

    /// <summary>I/O priority, or flags of some operations.</summary>
    [FieldOffset(2)]
    public ushort ioprio;

    /// <summary>The descriptor, or the slot of a registered file.</summary>
    [FieldOffset(4)]
    public int fd;

    /// <summary>Offset in the file, in bytes.</summary>
    [FieldOffset(8)]
    public ulong off;

    /// <summary>The driver's command, of <see cref="IoUringOp.UringCmd"/>.</summary>
    [FieldOffset(8)]
    public uint cmd_op;

    /// <summary>Address of the buffer or of the vectors.</summary>
    [FieldOffset(16)]
    public ulong addr;

    /// <summary>Length of the buffer in bytes, or the number of vectors.</summary>
    [FieldOffset(24)]
    public uint len;

    /// <summary>Flags of the operation.</summary>
    [FieldOffset(28)]
    public uint op_flags;

    /// <summary>Comes back with the completion.</summary>
    [FieldOffset(32)]
    public ulong user_data;

    /// <summary>The slot of a registered buffer, or the group to select one from.</summary>
    [FieldOffset(40)]
    public ushort buf_index;

    /// <summary>The personality to use; 0 for the ring's own.</summary>
    [FieldOffset(42)]
    public ushort personality;

    /// <summary>The slot of a registered file that an operation makes or sends.</summary>
    [FieldOffset(44)]
    public uint file_index;

    /// <summary>A further address of some operations.</summary>
    [FieldOffset(48)]
    public ulong addr3;

    [FieldOffset(56)]
    private readonly ulong _pad2;

    /// <summary>
    /// The driver's part of a command (<c>cmd</c>): 16 bytes, in a ring with 128-byte entries 80. Only valid for an
    /// entry that lies in the queue.
    /// </summary>
    public void* Command => Unsafe.AsPointer(ref addr3);
}
