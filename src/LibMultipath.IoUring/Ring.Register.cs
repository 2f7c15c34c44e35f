using System.Runtime.InteropServices;
using LibMultipath.Block;
using LibMultipath.IoUring.Abi;
using LibMultipath.IoUring.Interop;

namespace LibMultipath.IoUring;

// Files and buffers that the ring knows in advance, so that an I/O need not look them up.
public sealed unsafe partial class Ring
{
    private const uint Sparse = 1 << 0; // IORING_RSRC_REGISTER_SPARSE

    /// <summary>Makes the table of registered files, all slots empty. Once a ring.</summary>
    /// <param name="slots">How many; at least 1.</param>
    /// <exception cref="RingException">The kernel refuses: EINVAL before Linux 5.19.</exception>
    public void RegisterFiles(int slots) => RegisterTable(RegisterOp.Files2, slots, "registering files");

    /// <summary>Makes the table of registered buffers, all slots empty. Once a ring.</summary>
    /// <param name="slots">How many; at least 1.</param>
    /// <exception cref="RingException">The kernel refuses: EINVAL before Linux 5.19.</exception>
    public void RegisterBuffers(int slots) => RegisterTable(RegisterOp.Buffers2, slots, "registering buffers");

    /// <summary>
    /// Puts a file in a slot, or empties it. What was filled for the old one is submitted first, and what has begun ends
    /// with the old one. But the kernel looks a slot up when it begins an entry: one that is linked, or is left to a
    /// worker (a sync, an allocation, <see cref="SqeFlags.Async"/>), finds what is there then, so none may be under way.
    /// </summary>
    /// <param name="slot">From 0.</param>
    /// <param name="file">The file; the ring holds it until the slot is emptied. Null to empty it.</param>
    /// <exception cref="RingException">The kernel refuses.</exception>
    public void SetFile(int slot, SafeHandle? file)
    {
        if (Unsubmitted != 0)
        {
            Submit();
        }

        bool held = false;
        try
        {
            file?.DangerousAddRef(ref held);
            int descriptor = file is null ? -1 : (int)file.DangerousGetHandle();
            var update = new io_uring_rsrc_update2 { offset = (uint)slot, data = (ulong)&descriptor, nr = 1 };
            Register(RegisterOp.FilesUpdate2, &update, (uint)sizeof(io_uring_rsrc_update2), $"putting a file in slot {slot}");
        }
        finally
        {
            if (held)
            {
                file!.DangerousRelease();
            }
        }
    }

    /// <summary>Puts memory in a slot, or empties it. The kernel holds its pages.</summary>
    /// <param name="slot">From 0.</param>
    /// <param name="address">The first byte; null to empty the slot.</param>
    /// <param name="length">In bytes; at most 1 GiB.</param>
    /// <exception cref="RingException">The kernel refuses; ENOMEM when the limit of locked memory is too small.</exception>
    public void SetBuffer(int slot, void* address, nuint length)
    {
        nuint* vector = stackalloc nuint[2] { (nuint)address, length };
        var update = new io_uring_rsrc_update2 { offset = (uint)slot, data = (ulong)vector, nr = 1 };
        Register(RegisterOp.BuffersUpdate, &update, (uint)sizeof(io_uring_rsrc_update2), $"putting a buffer in slot {slot}");
    }

    internal void Register(RegisterOp operation, void* argument, uint count, string doing)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        int result;
        do
        {
            result = Libc.Register(_descriptor, operation, argument, count);
        }
        while (result < 0 && Libc.LastError == Errno.EINTR);

        if (result < 0)
        {
            Errno error = Libc.LastError;
            throw error == Errno.EEXIST && _issuer is not null && _issuer != Thread.CurrentThread
                ? new InvalidOperationException("The ring belongs to the thread that enabled it; another one must not use it.")
                : new RingException(error, $"{doing} (io_uring_register)", error == Errno.ENOMEM ? "raise the limit of locked memory with ulimit -l or LimitMEMLOCK=" : null);
        }
    }

    private void RegisterTable(RegisterOp operation, int slots, string doing)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(slots, 1);
        var table = new io_uring_rsrc_register { nr = (uint)slots, flags = Sparse };
        Register(operation, &table, (uint)sizeof(io_uring_rsrc_register), doing);
    }
}
