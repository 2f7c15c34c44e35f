using System.Runtime.InteropServices;
using LibMultipath.Block;
using LibMultipath.IoUring.Interop;

namespace LibMultipath.IoUring;

/// <summary>
/// Memory that was mapped: of a file, or of nobody (anonymous). It begins at a page, and its pages come when they are
/// touched. Who disposes it makes sure that nobody, the kernel included, uses it any more.
/// </summary>
public sealed unsafe class MappedMemory : SafeHandle
{
    private MappedMemory(nint address, nuint length)
        : base(0, ownsHandle: true)
    {
        SetHandle(address);
        Length = length;
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The first byte, at the start of a page.</summary>
    public byte* Address => (byte*)handle;

    /// <summary>In bytes.</summary>
    public nuint Length { get; }

    /// <summary>Zeroes that belong to nobody else. Each page comes alone, huge pages never: what is not touched takes no memory.</summary>
    /// <param name="length">In bytes; at least 1.</param>
    /// <exception cref="RingException">There is no address space left (ENOMEM).</exception>
    public static MappedMemory Anonymous(nuint length)
    {
        MappedMemory memory = Map(length, Libc.ReadWrite, Libc.PrivateAnonymous, -1, 0, "memory of its own");

        // Else a page that is touched could bring two megabytes, to be zeroed first. A kernel without them refuses, and is right.
        _ = Libc.Advise(memory.handle, length, Libc.NoHugePage);
        return memory;
    }

    /// <summary>A part of a file, shared with whoever else has it.</summary>
    /// <param name="file">The file or device.</param>
    /// <param name="offset">In bytes, a multiple of the page.</param>
    /// <param name="length">In bytes; at least 1.</param>
    /// <param name="writable">Whether it can be written to.</param>
    /// <exception cref="RingException">It cannot be mapped.</exception>
    public static MappedMemory OfFile(SafeHandle file, long offset, nuint length, bool writable)
    {
        ArgumentNullException.ThrowIfNull(file);
        bool held = false;
        try
        {
            file.DangerousAddRef(ref held);
            return Map(length, writable ? Libc.ReadWrite : Libc.Read, Libc.Shared | Libc.Populate, (int)file.DangerousGetHandle(), (nint)offset, "a file");
        }
        finally
        {
            if (held)
            {
                file.DangerousRelease();
            }
        }
    }

    /// <summary>
    /// Gives the pages of anonymous memory back, locked or not: they are zeroes when they are touched again. Locked pages
    /// of a kernel before 5.18 stay as they are.
    /// </summary>
    public void Discard()
    {
        if (Libc.Advise(handle, Length, Libc.DontNeedLocked) != 0)
        {
            Libc.Advise(handle, Length, Libc.DontNeed);
        }
    }

    /// <summary>
    /// Puts a copy of the memory, of nobody else's, in its place: the file is not mapped any more, and who still reads
    /// here finds what was there. Other threads may read meanwhile.
    /// </summary>
    /// <exception cref="RingException">There is no memory for it (ENOMEM).</exception>
    public void MakePrivate()
    {
        nint copy = Libc.Map(0, Length, Libc.ReadWrite, Libc.PrivateAnonymous, -1, 0);
        if (copy != -1)
        {
            Buffer.MemoryCopy(Address, (void*)copy, Length, Length);
            if (Libc.Remap(copy, Length, Length, Libc.MoveTo, handle) != -1)
            {
                return;
            }
        }

        Errno error = Libc.LastError;
        if (copy != -1)
        {
            Libc.Unmap(copy, Length);
        }

        throw new RingException(error, $"copying {Length} bytes that are mapped");
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Libc.Unmap(handle, Length) == 0;

    private static MappedMemory Map(nuint length, int protection, int flags, int file, nint offset, string what)
    {
        nint address = Libc.Map(0, length, protection, flags, file, offset);
        return address == -1
            ? throw new RingException(Libc.LastError, $"mapping {length} bytes of {what}")
            : new MappedMemory(address, length);
    }
}
