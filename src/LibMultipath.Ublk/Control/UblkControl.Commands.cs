using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LibMultipath.Block;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Parameters;
using static LibMultipath.Ublk.Abi.UblkCommand;

namespace LibMultipath.Ublk.Control;

// The commands, in the order of a device's life.
public sealed partial class UblkControl
{
    private const int MaskWords = 8192 / 64; // CONFIG_NR_CPUS is at most 8192

    /// <summary>Adds a device (ADD_DEV). It has a char device from now on, and no disk yet.</summary>
    /// <param name="options">How it is to be; its parameters are not set by this.</param>
    /// <param name="timeout">At most; null for <see cref="CommandTimeout"/>.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <returns>How it is: the id that was chosen, fewer queues than asked for, features cleared and added.</returns>
    /// <exception cref="ArgumentException">The options, or their parameters, are wrong; the message says how.</exception>
    /// <exception cref="UblkException">The kernel refuses. Busy: the id is taken.</exception>
    public UblkDeviceInfo AddDevice(UblkDeviceOptions options, TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate().ThrowIfInvalid("The options of a ublk device are wrong");
        return AddUnchecked(options, timeout, cancellation);
    }

    /// <summary>Adds a device as the options say, right or wrong.</summary>
    internal UblkDeviceInfo AddUnchecked(UblkDeviceOptions options, TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        var info = new ublksrv_ctrl_dev_info
        {
            nr_hw_queues = (ushort)options.Queues,
            queue_depth = (ushort)options.QueueDepth,
            max_io_buf_bytes = (uint)options.MaxIoBytes,
            dev_id = (uint)options.Id,
            ublksrv_pid = -1,
            flags = (ulong)options.Features,
            ublksrv_flags = options.ServerData,
        };
        Run(UBLK_U_CMD_ADD_DEV, options.Id, ref info, timeout, cancellation);
        return UblkDeviceInfo.FromAbi(info);
    }

    /// <summary>What the kernel says of a device (GET_DEV_INFO2, or GET_DEV_INFO where its node is not to be had).</summary>
    /// <param name="id">The device.</param>
    /// <param name="timeout">At most; null for <see cref="CommandTimeout"/>.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <exception cref="UblkException">NotFound, Permission.</exception>
    public UblkDeviceInfo GetDeviceInfo(int id, TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        int result = TryGetDeviceInfo(id, out UblkDeviceInfo? info, timeout, cancellation);
        return result >= 0 ? info! : throw UblkErrors.Command(UBLK_U_CMD_GET_DEV_INFO2, id, (Errno)(-result));
    }

    /// <summary>Sets the parameters of a device that is not started (SET_PARAMS), after validating them.</summary>
    /// <param name="id">The device.</param>
    /// <param name="parameters">The parameters.</param>
    /// <param name="timeout">At most; null for <see cref="CommandTimeout"/>.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <returns>The parameters as the kernel has them now, with the device numbers.</returns>
    /// <exception cref="ArgumentException">They are wrong; the message says how.</exception>
    /// <exception cref="UblkException">Busy: the device is started. NotSupported: the kernel does not know a kind of them, and dropped it.</exception>
    public UblkParameters SetParameters(int id, UblkParameters parameters, TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        UblkDeviceInfo info = GetDeviceInfo(id, timeout, cancellation);
        parameters.Validate(info.Features, info.MaxIoBytes).ThrowIfInvalid($"The parameters of ublk device {id} are wrong");
        ublk_params sent = parameters.ToAbi();
        Run(UBLK_U_CMD_SET_PARAMS, id, ref sent, timeout, cancellation);
        UblkParameters set = GetParameters(id, timeout, cancellation);
        uint dropped = parameters.Types & ~set.Types;
        return dropped == 0 ? set : throw UblkErrors.Lacks(UblkErrors.Doing(UBLK_U_CMD_SET_PARAMS, id), $"the parameters of {UblkParamType.Names(dropped)}", "leave them out, or use a newer kernel");
    }

    /// <summary>The parameters of a device (GET_PARAMS).</summary>
    /// <param name="id">The device.</param>
    /// <param name="timeout">At most; null for <see cref="CommandTimeout"/>.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <exception cref="UblkException">NotFound, Permission.</exception>
    public UblkParameters GetParameters(int id, TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        ublk_params read = new() { len = (uint)Unsafe.SizeOf<ublk_params>() };
        Run(UBLK_U_CMD_GET_PARAMS, id, ref read, timeout, cancellation);
        return UblkParameters.FromAbi(read);
    }

    /// <summary>The CPUs of a queue (GET_QUEUE_AFFINITY): its thread belongs on one of them.</summary>
    /// <param name="id">The device.</param>
    /// <param name="queue">From 0.</param>
    /// <param name="timeout">At most; null for <see cref="CommandTimeout"/>.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <returns>In rising order; CPUs that are off line included.</returns>
    /// <exception cref="UblkException">NotFound: no such device or queue.</exception>
    public IReadOnlyList<int> GetQueueAffinity(int id, int queue, TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(queue);
        Span<ulong> mask = stackalloc ulong[MaskWords];
        Run(new ControlCommand(UBLK_U_CMD_GET_QUEUE_AFFINITY, id, (ulong)queue), MemoryMarshal.AsBytes(mask), timeout, cancellation);
        var cpus = new List<int>();
        for (int cpu = 0; cpu < MaskWords * 64; cpu++)
        {
            if ((mask[cpu / 64] & (1UL << (cpu % 64))) != 0)
            {
                cpus.Add(cpu);
            }
        }

        return cpus;
    }

    /// <summary>
    /// Makes the disk (START_DEV). Waits until every tag of every queue was fetched, so another thread than the queues'
    /// calls it; and only the process that has the char device open.
    /// </summary>
    /// <param name="id">The device.</param>
    /// <param name="timeout">At most; null for <see cref="CommandTimeout"/>.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <exception cref="UblkException">Busy: it is started. Timeout: not all was fetched.</exception>
    public void StartDevice(int id, TimeSpan? timeout = null, CancellationToken cancellation = default) =>
        Run(UBLK_U_CMD_START_DEV, id, (ulong)Environment.ProcessId, timeout, cancellation);

    /// <summary>Removes the disk whoever has it open (STOP_DEV): what is under way is served or fails. The device stays, and can be started again.</summary>
    /// <param name="id">The device.</param>
    /// <param name="timeout">At most; null for <see cref="CommandTimeout"/>.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <exception cref="UblkException">NotFound. Timeout: its server does not complete its requests.</exception>
    public void StopDevice(int id, TimeSpan? timeout = null, CancellationToken cancellation = default) =>
        Run(UBLK_U_CMD_STOP_DEV, id, 0, timeout, cancellation);

    /// <summary>Removes the disk if nobody has it open (TRY_STOP_DEV).</summary>
    /// <param name="id">The device.</param>
    /// <param name="timeout">At most; null for <see cref="CommandTimeout"/>.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <returns>False when it is open, and was left alone.</returns>
    /// <exception cref="UblkException">NotFound: not started either. NotSupported: the kernel has no such command.</exception>
    public bool TryStopDevice(int id, TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        NeedFeature(UBLK_U_CMD_TRY_STOP_DEV, id, UblkFeatures.SafeStop);
        int result = TryRun(new ControlCommand(UBLK_U_CMD_TRY_STOP_DEV, id), [], timeout, cancellation);
        return result != -(int)Errno.EBUSY && (result >= 0 ? true : throw UblkErrors.Command(UBLK_U_CMD_TRY_STOP_DEV, id, (Errno)(-result)));
    }

    /// <summary>Stops and deletes a device (DEL_DEV), and waits until its char device is neither open nor mapped and the id is free.</summary>
    /// <param name="id">The device.</param>
    /// <param name="timeout">At most; null for <see cref="CommandTimeout"/>.</param>
    /// <param name="cancellation">Cancels the wait; the device goes all the same when it is closed.</param>
    /// <exception cref="UblkException">NotFound. Timeout: somebody still has the char device; the device goes when they close it.</exception>
    public void DeleteDevice(int id, TimeSpan? timeout = null, CancellationToken cancellation = default) =>
        Run(UBLK_U_CMD_DEL_DEV, id, 0, timeout, cancellation);

    /// <summary>Stops and deletes a device, and does not wait for its char device to be closed (DEL_DEV_ASYNC). Not for unprivileged devices.</summary>
    /// <param name="id">The device.</param>
    /// <param name="timeout">At most; null for <see cref="CommandTimeout"/>.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <exception cref="UblkException">NotFound. NotSupported: it is an unprivileged device, or the kernel has no such command.</exception>
    public void BeginDeleteDevice(int id, TimeSpan? timeout = null, CancellationToken cancellation = default) =>
        Run(UBLK_U_CMD_DEL_DEV_ASYNC, id, 0, timeout, cancellation);

    /// <summary>Takes a device over whose server is gone (START_USER_RECOVERY): its char device can be opened after this.</summary>
    /// <param name="id">The device.</param>
    /// <param name="timeout">At most; null for <see cref="CommandTimeout"/>.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <exception cref="UblkException">Busy: its server is there, or not quite gone. NotSupported: it was added without recovery.</exception>
    public void StartUserRecovery(int id, TimeSpan? timeout = null, CancellationToken cancellation = default) =>
        Run(UBLK_U_CMD_START_USER_RECOVERY, id, 0, timeout, cancellation);

    /// <summary>Serves the disk again (END_USER_RECOVERY). Waits until every tag was fetched, as <see cref="StartDevice"/> does.</summary>
    /// <param name="id">The device.</param>
    /// <param name="timeout">At most; null for <see cref="CommandTimeout"/>.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <exception cref="UblkException">Timeout: not all was fetched.</exception>
    public void EndUserRecovery(int id, TimeSpan? timeout = null, CancellationToken cancellation = default) =>
        Run(UBLK_U_CMD_END_USER_RECOVERY, id, (ulong)Environment.ProcessId, timeout, cancellation);

    /// <summary>Changes the size of a live disk (UPDATE_SIZE), and tells its users.</summary>
    /// <param name="id">The device.</param>
    /// <param name="sectors">The new size, in sectors of 512 bytes.</param>
    /// <param name="timeout">At most; null for <see cref="CommandTimeout"/>.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <exception cref="UblkException">NotFound: not started either. NotSupported: the kernel has no such command.</exception>
    public void UpdateSize(int id, long sectors, TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sectors);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sectors, long.MaxValue >> 9);
        NeedFeature(UBLK_U_CMD_UPDATE_SIZE, id, UblkFeatures.UpdateSize);
        Run(UBLK_U_CMD_UPDATE_SIZE, id, (ulong)sectors, timeout, cancellation);
    }

    /// <summary>
    /// Takes a live device from its server (QUIESCE_DEV): its tags come back with <c>UBLK_IO_RES_ABORT</c>, and when the
    /// server has closed the char device, the disk waits for the next one.
    /// </summary>
    /// <param name="id">The device; it was added with <see cref="UblkFeatures.Quiesce"/>.</param>
    /// <param name="idleTimeout">How long the kernel waits for each queue to have an idle tag; at least a millisecond.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <exception cref="UblkException">
    /// Busy: a queue had none. New I/O is held back (or fails, with fail-I/O) all the same, until another call succeeds
    /// or the server has gone. NotSupported: it was added without the feature.
    /// </exception>
    /// <remarks>
    /// A tag whose request is with the server is not taken back, and waits for ever once it is committed. A server that
    /// had every tag (and in Linux 7.2 that is not called busy) learns nothing: quiesce again until it has ended.
    /// </remarks>
    public void QuiesceDevice(int id, TimeSpan idleTimeout, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(idleTimeout, TimeSpan.FromMilliseconds(1));
        TimeSpan limit = CommandTimeout == Timeout.InfiniteTimeSpan || idleTimeout > TimeSpan.MaxValue - CommandTimeout
            ? Timeout.InfiniteTimeSpan
            : idleTimeout + CommandTimeout;
        Run(UBLK_U_CMD_QUIESCE_DEV, id, (ulong)Math.Min(idleTimeout.TotalMilliseconds, uint.MaxValue), limit, cancellation);
    }

    /// <summary>
    /// Pins memory of this process that users of the disk share (REG_BUF): requests whose pages lie in it come with
    /// <see cref="UblkIoFlags.SharedMemory"/> and without a copy.
    /// </summary>
    /// <param name="id">The device; it was added with <see cref="UblkFeatures.SharedMemoryZeroCopy"/>.</param>
    /// <param name="address">The first byte, at the start of a page; of a mapping that others share.</param>
    /// <param name="length">In bytes, whole pages, at most 4 GiB.</param>
    /// <param name="readOnly">Whether the device only reads it, so that it need not be writable.</param>
    /// <param name="timeout">At most; null for <see cref="CommandTimeout"/>. On a live disk it waits for the requests under way.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <returns>The number of the buffer, which a request's address names.</returns>
    /// <exception cref="UblkException">The kernel refuses.</exception>
    public int RegisterBuffer(int id, nint address, long length, bool readOnly = false, TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        var buffer = new ublk_shmem_buf_reg
        {
            addr = (ulong)address,
            len = (ulong)length,
            flags = readOnly ? UblkShmem.UBLK_SHMEM_BUF_READ_ONLY : 0,
        };
        return Run(UBLK_U_CMD_REG_BUF, id, ref buffer, timeout, cancellation);
    }

    /// <summary>Lets registered memory go (UNREG_BUF).</summary>
    /// <param name="id">The device.</param>
    /// <param name="buffer">As <see cref="RegisterBuffer"/> said.</param>
    /// <param name="timeout">At most; null for <see cref="CommandTimeout"/>. On a live disk it waits for the requests under way.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <exception cref="UblkException">NotFound: no such device or buffer.</exception>
    public void UnregisterBuffer(int id, int buffer, TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(buffer);
        Run(UBLK_U_CMD_UNREG_BUF, id, (ulong)buffer, timeout, cancellation);
    }

    internal int TryGetDeviceInfo(int id, out UblkDeviceInfo? info, TimeSpan? timeout, CancellationToken cancellation)
    {
        ublksrv_ctrl_dev_info read = default;
        int result = TryRun(new ControlCommand(UBLK_U_CMD_GET_DEV_INFO2, id), Bytes(ref read), timeout, cancellation);
        if (result < 0 && result != -(int)Errno.ENODEV)
        {
            result = TryRun(new ControlCommand(UBLK_U_CMD_GET_DEV_INFO, id), Bytes(ref read), timeout, cancellation);
        }

        info = result >= 0 ? UblkDeviceInfo.FromAbi(read) : null;
        return result;
    }

    private void NeedFeature(uint command, int id, UblkFeatures feature)
    {
        if ((Features & feature) == 0)
        {
            throw UblkErrors.Lacks(UblkErrors.Doing(command, id), feature.ToText(), "use a newer kernel");
        }
    }

    private static Span<byte> Bytes<T>(ref T value)
        where T : unmanaged => MemoryMarshal.AsBytes(new Span<T>(ref value));
}
