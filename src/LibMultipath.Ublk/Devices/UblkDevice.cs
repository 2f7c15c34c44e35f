using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Parameters;
using Microsoft.Win32.SafeHandles;

namespace LibMultipath.Ublk.Devices;

/// <summary>
/// The life of one device: added (<see cref="Create"/>) or taken over (<see cref="Recover"/>) with its char device open,
/// then started, stopped, deleted. Or only managed (<see cref="Attach"/>), while another process serves it.
/// </summary>
/// <remarks>
/// <para><b>Order.</b> Create, let the queues fetch on their threads, <see cref="Start"/> on another one. In the end
/// <see cref="Stop"/>, end the queues and what they mapped of <see cref="Char"/>, <see cref="Delete"/>.</para>
/// <para><b>Ownership.</b> The device has its char device open; the control device is the caller's, and outlives this.</para>
/// <para><b>Blocking.</b> As <see cref="UblkControl"/>: every wait is bounded and can be cancelled.</para>
/// <para><b>Threads.</b> Any, for everything but <see cref="Dispose"/>, which is the last call.</para>
/// </remarks>
public sealed partial class UblkDevice : IDisposable
{
    private readonly UblkControl _control;
    private volatile IReadOnlyList<string> _warnings;
    private readonly SafeFileHandle? _char;
    private readonly bool _recovering;
    private readonly bool _created;
    private volatile UblkDeviceInfo _info;
    private volatile UblkParameters _parameters;
    private volatile bool _started;
    private volatile bool _deleted;
    private int _disposed;

    private UblkDevice(UblkControl control, UblkDeviceInfo info, UblkParameters parameters, SafeFileHandle? file, IReadOnlyList<string> warnings, bool created)
    {
        _control = control;
        _info = info;
        _parameters = parameters;
        _char = file;
        _warnings = warnings;
        _created = created;
        _recovering = !created && file is not null;
        SharedMemory = (info.Features & UblkFeatures.SharedMemoryZeroCopy) != 0 ? new UblkSharedMemory() : null;
    }

    /// <summary>The N of /dev/ublkbN.</summary>
    public int Id => _info.Id;

    /// <summary>What the kernel said of the device last: when it was added or attached to, started, stopped, or <see cref="Refresh"/> was called.</summary>
    public UblkDeviceInfo Info => _info;

    /// <summary>What kind of disk it is, as the kernel has it.</summary>
    public UblkParameters Parameters => _parameters;

    /// <summary>The disk; it is there from <see cref="Start"/> to <see cref="Stop"/>.</summary>
    public string BlockPath => _info.BlockPath;

    /// <summary>What works, but not as it was asked for; to be logged.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>The char device, open: the queues send their commands to it, and map its memory. Closed by <see cref="Delete"/> and <see cref="Dispose"/>.</summary>
    /// <exception cref="InvalidOperationException">The device is only attached to.</exception>
    public SafeFileHandle Char => _char ?? throw new InvalidOperationException($"ublk device {Id} is only attached to; its char device is its server's.");

    /// <summary>Whether the device is to be ended by END_USER_RECOVERY rather than by START_DEV.</summary>
    internal bool IsRecovering => _recovering;

    /// <summary>
    /// Makes the disk, or serves it again: waits until every tag of every queue was fetched, so the queues' threads do
    /// not call it. Then waits for the disk's node; if none comes, <see cref="Warnings"/> says so.
    /// </summary>
    /// <param name="timeout">At most; null for <see cref="UblkControl.CommandTimeout"/>. When it is over the device is as before, and can be started again.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <exception cref="UblkException">Timeout: not all was fetched. Other: see the message.</exception>
    /// <exception cref="InvalidOperationException">The device is only attached to.</exception>
    public void Start(TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(Char.IsClosed, this);
        var deadline = new Deadline(timeout ?? _control.CommandTimeout);
        if (_recovering)
        {
            _control.EndUserRecovery(Id, deadline.Left, cancellation);
        }
        else
        {
            _control.StartDevice(Id, deadline.Left, cancellation);
        }

        for (int pause = 0; !File.Exists(BlockPath) && !deadline.IsOver;)
        {
            deadline.Pause(ref pause, cancellation);
        }

        if (!File.Exists(BlockPath))
        {
            _warnings = [.. _warnings, $"The disk of ublk device {Id} is there, but no node {BlockPath}: is /dev a devtmpfs, or is udev running?"];
        }

        Refresh(cancellation: cancellation);
        _parameters = _control.GetParameters(Id, cancellation: cancellation);

        // Last, when it can be given up no more: a disk that nobody was given does not outlive this.
        _started = true;
    }

    /// <summary>Removes the disk, whoever has it open (STOP_DEV). The queues' tags come back with <c>UBLK_IO_RES_ABORT</c>.</summary>
    /// <param name="timeout">At most; null for <see cref="UblkControl.CommandTimeout"/>.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <exception cref="UblkException">Timeout: its server does not complete its requests.</exception>
    public void Stop(TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        _control.StopDevice(Id, timeout, cancellation);
        _started = false;
        Refresh(cancellation: cancellation);
    }

    /// <summary>Removes the disk if nobody has it open (TRY_STOP_DEV).</summary>
    /// <param name="timeout">At most; null for <see cref="UblkControl.CommandTimeout"/>.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <returns>False when it is open, and was left alone.</returns>
    /// <exception cref="UblkException">NotFound: it is not started. NotSupported: the kernel has no such command.</exception>
    public bool TryStop(TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        if (!_control.TryStopDevice(Id, timeout, cancellation))
        {
            return false;
        }

        _started = false;
        Refresh(cancellation: cancellation);
        return true;
    }

    /// <summary>Changes the size of the live disk (UPDATE_SIZE), and tells its users.</summary>
    /// <param name="sectors">The new size, in sectors of 512 bytes, whole logical blocks.</param>
    /// <param name="timeout">At most; null for <see cref="UblkControl.CommandTimeout"/>.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not whole blocks.</exception>
    /// <exception cref="UblkException">NotFound: it is not started. NotSupported: the kernel has no such command, or the disk is zoned.</exception>
    public void Resize(long sectors, TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        UblkParameters parameters = _parameters;
        if (parameters.Zoned is not null)
        {
            throw new UblkException(UblkErrorKind.NotSupported, Block.Errno.EOPNOTSUPP, $"resizing ublk device {Id}", "it is zoned, and the kernel would not learn of the zones", "make a new device");
        }

        if (sectors % Math.Max(parameters.LogicalBlockSize / 512, 1) != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(sectors), sectors, $"The size is not a multiple of the logical block, {parameters.LogicalBlockSize} bytes.");
        }

        _control.UpdateSize(Id, sectors, timeout, cancellation);
        _parameters = parameters with { DevSectors = sectors };
    }

    /// <summary>Takes the live device from its server (QUIESCE_DEV): see <see cref="UblkControl.QuiesceDevice"/>.</summary>
    /// <param name="idleTimeout">How long the kernel waits for each queue to have an idle tag; at least a millisecond.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <exception cref="UblkException">Busy: a queue had none. NotSupported: it was added without the feature.</exception>
    public void Quiesce(TimeSpan idleTimeout, CancellationToken cancellation = default) => _control.QuiesceDevice(Id, idleTimeout, cancellation);

    /// <summary>The processors that are near a queue (GET_QUEUE_AFFINITY).</summary>
    /// <param name="queue">From 0.</param>
    /// <exception cref="UblkException">NotFound: somebody deleted the device.</exception>
    public IReadOnlyList<int> GetQueueAffinity(int queue) => _control.GetQueueAffinity(Id, queue);

    /// <summary>Asks the kernel again how the device is.</summary>
    /// <param name="timeout">At most; null for <see cref="UblkControl.CommandTimeout"/>.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <exception cref="UblkException">NotFound: somebody deleted it.</exception>
    public UblkDeviceInfo Refresh(TimeSpan? timeout = null, CancellationToken cancellation = default) =>
        _info = _control.GetDeviceInfo(Id, timeout, cancellation);

    /// <summary>
    /// Closes the char device, as the end of the process would: when no queue has it any more either, the kernel ends
    /// what is under way as the device's features say. A second call does nothing.
    /// </summary>
    public void Close() => _char?.Dispose();

    /// <summary>
    /// Closes the char device, stops and deletes the device, and waits until nobody has the char device open or mapped. A
    /// device that is gone already is fine.
    /// </summary>
    /// <param name="timeout">At most; null for <see cref="UblkControl.CommandTimeout"/>.</param>
    /// <param name="cancellation">Cancels the wait; the device goes all the same when the last one lets it go.</param>
    /// <exception cref="UblkException">Timeout: somebody, perhaps a queue of this process, still has the char device.</exception>
    public void Delete(TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        _char?.Dispose();
        if (_deleted)
        {
            return;
        }

        try
        {
            _control.DeleteDevice(Id, timeout, cancellation);
        }
        catch (UblkException exception) when (exception.Kind == UblkErrorKind.NotFound)
        {
            _started = false;
        }

        _deleted = true;
    }

    /// <summary>
    /// Closes the char device. A device that was created here is deleted as well, unless it is started and recoverable:
    /// then its disk waits for the next server. Failing to delete is not told; a second call does nothing.
    /// </summary>
    public void Dispose()
    {
        if (_char is null || Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        try
        {
            bool outlives = _started && (_info.Features & UblkFeatures.UserRecovery) != 0;
            if (_created && !_deleted && !outlives)
            {
                _deleted = TryDelete(_control, _info, _char.IsClosed ? null : _char);
            }
        }
        finally
        {
            _char.Dispose();
        }
    }
}
