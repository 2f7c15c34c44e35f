using LibMultipath.Block;
using LibMultipath.IoUring;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Control;

namespace LibMultipath.Ublk.Devices;

// Memory that users of the disk share with its server.
public sealed partial class UblkDevice
{
    private readonly Lock _registering = new();

    /// <summary>What is registered here; null for a device without <see cref="UblkFeatures.SharedMemoryZeroCopy"/>.</summary>
    internal UblkSharedMemory? SharedMemory { get; }

    /// <summary>
    /// Shares memory with users of the disk (REG_BUF): the data of a request that lies in it, all of it, is not copied
    /// (<see cref="UblkIoFlags.SharedMemory"/>), and the request's buffer is that memory. Other requests are
    /// served as ever. Before the start or at any time after; on a live disk it waits for the requests under way.
    /// </summary>
    /// <param name="address">The first byte, at the start of a page; of a shared mapping, such as of a memfd.</param>
    /// <param name="length">In bytes, whole pages, at most 4 GiB.</param>
    /// <param name="readOnly">Whether only writes are to come out of it: it may be mapped for reading alone then, or be sealed.</param>
    /// <param name="timeout">At most; null for <see cref="UblkControl.CommandTimeout"/>.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <returns>Its number, for <see cref="UnregisterMemory"/>.</returns>
    /// <exception cref="UblkException">
    /// NotSupported: the device was added without the feature. Busy: a part of it is registered already. Timeout: the
    /// memory may be registered all the same, and then requests in it fail.
    /// </exception>
    /// <remarks>
    /// The memory stays mapped until it is unregistered or the device is deleted. The driver remembers it when its server
    /// dies; as the next server does not have it, requests in it fail with EIO until it is unregistered.
    /// </remarks>
    public int RegisterMemory(nint address, long length, bool readOnly = false, TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        UblkSharedMemory shared = NeedSharedMemory();
        lock (_registering)
        {
            // A request may come before the number does.
            int expected = shared.NextIndex;
            shared.Set(expected, address, length);
            int index = -1;
            try
            {
                index = _control.RegisterBuffer(Id, address, length, readOnly, timeout, cancellation);
            }
            finally
            {
                if (index != expected)
                {
                    shared.Remove(expected);
                }
            }

            shared.Set(index, address, length);
            return index;
        }
    }

    /// <summary>Shares memory that was mapped, as <see cref="RegisterMemory(nint, long, bool, TimeSpan?, CancellationToken)"/> does.</summary>
    /// <param name="memory">The memory, of a file; its owner keeps it until it is unregistered.</param>
    /// <param name="readOnly">Whether only writes are to come out of it.</param>
    /// <param name="timeout">At most; null for <see cref="UblkControl.CommandTimeout"/>.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <returns>Its number, for <see cref="UnregisterMemory"/>.</returns>
    /// <exception cref="UblkException">As with an address.</exception>
    public unsafe int RegisterMemory(MappedMemory memory, bool readOnly = false, TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(memory);
        return RegisterMemory((nint)memory.Address, (long)memory.Length, readOnly, timeout, cancellation);
    }

    /// <summary>Shares memory no more (UNREG_BUF): waits for the requests under way, and no later one lies in it.</summary>
    /// <param name="index">As <see cref="RegisterMemory(nint, long, bool, TimeSpan?, CancellationToken)"/> said.</param>
    /// <param name="timeout">At most; null for <see cref="UblkControl.CommandTimeout"/>.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <exception cref="UblkException">NotFound: there is no such memory. Timeout: it may still be in use.</exception>
    public void UnregisterMemory(int index, TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        UblkSharedMemory shared = NeedSharedMemory();
        lock (_registering)
        {
            _control.UnregisterBuffer(Id, index, timeout, cancellation);
            shared.Remove(index);
        }
    }

    private UblkSharedMemory NeedSharedMemory() => SharedMemory ?? throw new UblkException(
        UblkErrorKind.NotSupported, Errno.EOPNOTSUPP, UblkErrors.Doing(UblkCommand.UBLK_U_CMD_REG_BUF, Id), "it was added without SHMEM_ZC", "add it with SharedMemoryZeroCopy");
}
