using System.Buffers;

namespace LibMultipath.Block;

/// <summary>
/// Data that the kernel has and this process cannot address, such as the pages of somebody else's request: a driver
/// that knows this kind tells the kernel where to move it, without a copy (a bio whose pages are another's). The memory
/// of such a buffer can be sliced and made a segment of a bio; to look into it throws.
/// </summary>
/// <remarks>
/// A disk carries such bios out when its <see cref="QueueLimits.Features"/> have
/// <see cref="QueueFeatures.RegisteredBuffers"/>, and refuses them with <see cref="BlockStatus.NotSupported"/> otherwise.
/// </remarks>
public abstract class RegisteredBuffer : MemoryManager<byte>
{
    private readonly int _length;

    /// <summary>Makes the buffer.</summary>
    /// <param name="length">In bytes; not negative.</param>
    protected RegisteredBuffer(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        _length = length;
    }

    /// <summary>The buffer, to be sliced and to be made a segment.</summary>
    public override Memory<byte> Memory => CreateMemory(_length);

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => throw NotHere();

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0) => throw NotHere();

    /// <inheritdoc/>
    public override void Unpin()
    {
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }

    private static NotSupportedException NotHere() =>
        new("The data of a registered buffer is the kernel's, and not in the memory of this process; a driver asks BioSegment.TryGetRegistered.");
}
