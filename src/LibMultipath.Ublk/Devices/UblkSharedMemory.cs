using LibMultipath.Ublk.Abi;

namespace LibMultipath.Ublk.Devices;

/// <summary>
/// Memory that clients of a device share with its server, by the numbers that the driver gives: a request in it needs
/// no copy. Any thread may look a place up; changes are one at a time.
/// </summary>
internal sealed unsafe class UblkSharedMemory
{
    private volatile (nint Address, long Length)[] _buffers = [];

    /// <summary>The lowest number that is free: the one that the driver gives next, if nobody else registers.</summary>
    public int NextIndex
    {
        get
        {
            int free = Array.FindIndex(_buffers, buffer => buffer.Length == 0);
            return free < 0 ? _buffers.Length : free;
        }
    }

    /// <summary>A number stands for a buffer from now on.</summary>
    /// <param name="index">The number.</param>
    /// <param name="address">Where the server has it.</param>
    /// <param name="length">In bytes.</param>
    public void Set(int index, nint address, long length)
    {
        (nint, long)[] buffers = _buffers;
        var changed = new (nint, long)[Math.Max(buffers.Length, index + 1)];
        buffers.CopyTo(changed, 0);
        changed[index] = (address, length);
        _buffers = changed;
    }

    /// <summary>A number stands for nothing any more.</summary>
    /// <param name="index">The number.</param>
    public void Remove(int index)
    {
        if (index < _buffers.Length)
        {
            Set(index, 0, 0);
        }
    }

    /// <summary>Where the server has the place that a request names; null for none.</summary>
    public byte* AddressOf(ulong address)
    {
        (nint Address, long Length)[] buffers = _buffers;
        int index = UblkShmem.Index(address);
        uint offset = UblkShmem.Offset(address);
        return index < buffers.Length && offset < buffers[index].Length ? (byte*)buffers[index].Address + offset : null;
    }
}
