using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LibMultipath.Block;

/// <summary>
/// A run of bytes that a bio reads into or writes from (the kernel's <c>bio_vec</c>): managed memory or native
/// memory. The bio does not own it: it must stay valid, and must not be touched, until the bio has ended.
/// </summary>
public readonly struct BioSegment
{
    private readonly Memory<byte> _memory;
    private readonly nint _address;
    private readonly int _nativeLength;

    /// <summary>A segment over managed memory. A driver pins it for as long as a system call needs it.</summary>
    public BioSegment(Memory<byte> memory) => _memory = memory;

    /// <summary>A segment over native memory.</summary>
    /// <param name="address">The first byte; not zero.</param>
    /// <param name="length">In bytes; not negative.</param>
    /// <exception cref="ArgumentException">The address is zero or the length negative.</exception>
    public BioSegment(nint address, int length)
    {
        if (address == 0)
        {
            throw new ArgumentException("The address of a native segment is zero.", nameof(address));
        }

        ArgumentOutOfRangeException.ThrowIfNegative(length);
        _address = address;
        _nativeLength = length;
    }

    /// <summary>In bytes.</summary>
    public int Length => _address == 0 ? _memory.Length : _nativeLength;

    /// <summary>Whether the segment is native memory, so that <see cref="Address"/> says where.</summary>
    public bool IsNative => _address != 0;

    /// <summary>The first byte of a native segment; 0 for managed memory.</summary>
    public nint Address => _address;

    /// <summary>The managed memory; empty for a native segment.</summary>
    public Memory<byte> Memory => _memory;

    /// <summary>
    /// Whether the data is in a registered buffer, which nobody here can look into, and where. Only in a bio for a disk
    /// that says that it can do it (<see cref="QueueFeatures.RegisteredBuffers"/>).
    /// </summary>
    /// <param name="buffer">The buffer.</param>
    /// <param name="offset">In bytes from its start.</param>
    public bool TryGetRegistered([NotNullWhen(true)] out RegisteredBuffer? buffer, out int offset) =>
        MemoryMarshal.TryGetMemoryManager<byte, RegisteredBuffer>(_memory, out buffer, out offset, out _);

    /// <summary>The bytes, wherever they are in this process.</summary>
    /// <exception cref="NotSupportedException">They are in a registered buffer.</exception>
    public unsafe Span<byte> Span => _address == 0 ? _memory.Span : new Span<byte>((void*)_address, _nativeLength);

    /// <summary>A part of this segment.</summary>
    /// <param name="offset">In bytes from the start.</param>
    /// <param name="length">In bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part is not within the segment.</exception>
    public BioSegment Slice(int offset, int length)
    {
        if ((uint)offset > (uint)Length || (uint)length > (uint)(Length - offset))
        {
            throw new ArgumentOutOfRangeException(nameof(offset), $"Bytes {offset} to {(long)offset + length} are not within a segment of {Length} bytes.");
        }

        return _address == 0 ? new BioSegment(_memory.Slice(offset, length)) : new BioSegment(_address + offset, length);
    }

    /// <summary>
    /// The address as far as it can be known: that of a managed buffer only stays true while it is pinned, which
    /// a buffer that has to be aligned must be anyway; that of a registered one is looked after by who registered it.
    /// </summary>
    internal unsafe nint AddressNow => _address != 0 ? _address
        : TryGetRegistered(out _, out int offset) ? offset
        : (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(_memory.Span));
}
